"""The journal's file of a command that serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emulator.core import EmulatorCore
from emulator.server import Emulator


@contextmanager
def journal_kept(emulator: Emulator, path: Path | None, max_bytes: int | None = None) -> Iterator[None]:
    """While the `with` lasts, every exchange of an emulator and of its sandboxes is appended to the file at `path`, if a path is given, up
    to `max_bytes`. Raises EmulatorError for a file that cannot be written, or that another emulator is writing."""
    if path is None:
        yield
        return
    from emulator.journal.committing import GroupCommit
    from emulator.journal.disk import JournalFile
    from emulator.journal.file import Journals

    file = JournalFile(path, max_bytes)
    commit = GroupCommit(file)
    journals = Journals(file, commit.write)

    def observe(name: str, core: EmulatorCore) -> None:
        core.observe(journals.writer(core.rules.list, name, core.redaction))
        core.when_safe = commit.when_written

    observe("", emulator.core)
    emulator.sandboxes.on_made = observe
    try:
        yield
    finally:
        commit.close()
