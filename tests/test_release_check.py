"""A tag is published only where version, changelog and fragments agree with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_check import problems


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that is ready to be tagged v1.2.0."""
    for folder in ("emulator", "changes"):
        tmp_path.joinpath(folder).mkdir()
    tmp_path.joinpath("emulator", "version.py").write_text('"""The version."""\n\n__version__ = "1.2.0"\n')
    tmp_path.joinpath("CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0 (2026-12-01)\n\n- All.\n")
    tmp_path.joinpath("changes", "README.md").write_text("How.\n")
    return tmp_path


def test_a_release_that_is_whole_has_no_problem(checkout: Path) -> None:
    assert list(problems("v1.2.0", checkout)) == []


def test_another_tag_is_refused(checkout: Path) -> None:
    assert list(problems("v1.3.0", checkout)) == ["the tag is v1.3.0, and the version in emulator/version.py is 1.2.0"]


@pytest.mark.parametrize("heading", ["## 1.2.0", "## 1.2.1 (2026-12-01)", "## 1x2.0 (2026-12-01)"])
def test_a_version_without_its_date_is_refused(checkout: Path, heading: str) -> None:
    checkout.joinpath("CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    assert list(problems("v1.2.0", checkout)) == ["CHANGELOG.md has no 1.2.0 with a date: make changelog"]


def test_a_fragment_that_was_left_is_refused(checkout: Path) -> None:
    checkout.joinpath("changes", "+new.added.md").write_text("New.\n")
    assert list(problems("v1.2.0", checkout)) == ["changes/ still holds +new.added.md: make changelog"]
