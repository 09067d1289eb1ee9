"""The command line: `dynafault serve`, `run`, `check`, `report`, `demo`."""

from emulator.cli.main import main

__all__ = ["main"]
