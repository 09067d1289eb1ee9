"""What an exploration has done, saved as it goes on so that another can continue it (`--resume`), and which findings are accepted
(`--baseline`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from emulator.aws.errors import EmulatorError
from emulator.explore.findings import ExploredFinding
from emulator.explore.results import CellResult

FILE = "explored.jsonl"


class Saved:
    """A file of JSON lines: the command, then a line for each cell, with its finding where it was the first to show it. It is begun when
    there is something to write."""

    def __init__(self, path: Path, command: Sequence[str], *, appending: bool) -> None:
        self._path = path
        self._command = list(command)
        self._appending = appending
        self._file: BinaryIO | None = None
        self.cells: dict[str, CellResult] = {}
        self.findings: dict[str, ExploredFinding] = {}

    @classmethod
    def open(cls, folder: Path, command: Sequence[str], *, resume: bool) -> Saved:
        """Raises EmulatorError where the file is of another program, or cannot be read."""
        path = folder / FILE
        saved = cls(path, command, appending=resume and path.is_file())
        if saved._appending:
            saved._read()
        elif path.is_file():
            _take_away(path)
        return saved

    def add(self, cell: CellResult, finding: ExploredFinding | None) -> None:
        """Raises EmulatorError where it cannot be written."""
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("ab" if self._appending else "wb")
                if not self._appending:
                    self._file.write(orjson.dumps({"command": self._command}) + b"\n")
            line = {"cell": _values(cell), "finding": None if finding is None else _values(finding)}
            self._file.write(orjson.dumps(line) + b"\n")
            self._file.flush()
        except OSError as error:
            raise EmulatorError(f"cannot write {self._path}: {error.strerror}") from None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _read(self) -> None:
        try:
            first, *lines = [orjson.loads(line) for line in self._path.read_bytes().splitlines() if line.endswith(b"}")] or [{}]
            if first.get("command") != self._command:
                raise EmulatorError(f"{self._path} is of another command; leave --resume out, or name another --found folder")
            for line in lines:
                cell = CellResult(**line["cell"])
                self.cells[cell.id] = cell
                if line["finding"]:
                    self.findings[cell.finding] = ExploredFinding(**line["finding"])
        except OSError as error:
            raise EmulatorError(f"cannot read {self._path}: {error.strerror}") from None
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            raise EmulatorError(f"{self._path} cannot be gone on with; leave --resume out") from None


def _take_away(path: Path) -> None:
    """The scenarios that an earlier exploration has found; whatever else is in the folder stays."""
    for line in path.read_bytes().splitlines():
        try:
            name = Path(orjson.loads(line)["finding"]["scenario"]).name
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue
        if name.endswith(".yaml"):
            (path.parent / name).unlink(missing_ok=True)
    path.unlink()


def _values(one: Any) -> Mapping[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


def read_baseline(path: Path) -> frozenset[str]:
    """The ids of the findings that a file in the form of `--json` has. Raises EmulatorError."""
    try:
        content = orjson.loads(path.read_bytes())
        return frozenset(str(one["id"]) for one in content["findings"])
    except OSError as error:
        raise EmulatorError(f"cannot read {path}: {error.strerror}") from None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise EmulatorError(f"{path} is no baseline: give it what 'dynafault explore --json' has written") from None
