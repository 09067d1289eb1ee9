"""Write docs/recipes.md from the files in recipes/.

python tools/generate_recipes_page.py            # write
python tools/generate_recipes_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from pages import ROOT, fill, publish

PAGE = ROOT / "docs" / "recipes.md"
FOLDER = ROOT / "recipes"
_TEMPLATE = Path(__file__).with_name("recipes_page.md")
# The ending of a file -> what Markdown calls its language
_LANGUAGES = {".py": "python", ".js": "js", ".java": "java", ".go": "go", ".xml": "xml", ".json": "json", ".yml": "yaml", ".yaml": "yaml"}
# What a project needs, and nobody reads
_UNSHOWN = {"java-v1/pom.xml", "js-v2/package.json", "package-lock.json"}


def render() -> str:
    """The page as text. Raises ValueError for a file that it does not show, KeyError for one that is not there."""
    return fill(_TEMPLATE, {path: partial(_shown, path) for path in _files()})


def _files() -> list[str]:
    """The files of the recipes; not what runs them, nor what an SDK's own tools have made."""
    found = (path for path in FOLDER.glob("*/**/*") if path.suffix in _LANGUAGES and "__pycache__" not in path.parts)
    return sorted({path.relative_to(FOLDER).as_posix() for path in found} - _UNSHOWN)


def _shown(path: str) -> str:
    source = (FOLDER / path).read_text("utf-8")
    return f"```{_LANGUAGES[Path(path).suffix]}\n{source}```\n"


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
