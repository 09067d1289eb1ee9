"""The command `dynafault`; `python -m dynafault` is the same."""

from __future__ import annotations

import sys

from dynafault.shadowing import hidden_by


def main() -> None:
    """Run the command line and exit with its status; with 2 where a stranger's package hides it."""
    reason = hidden_by()
    if reason is not None:
        print(f"dynafault: {reason}", file=sys.stderr)
        sys.exit(2)
    from emulator.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
