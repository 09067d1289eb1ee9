"""Let schemathesis try the admin API of a running emulator against its own description.

    python tools/try_admin_api.py .schemathesis/bin/st                # as the Makefile does
    python tools/try_admin_api.py st --max-examples 500 --seed 7      # what follows is schemathesis' own

Exits with what schemathesis exits with: 0 if it finds nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from emulator import Emulator

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "throttling" / "hot-key.yaml"
PHASES = "examples,coverage,fuzzing"


def main() -> int:
    program, *options = sys.argv[1:] or ["st"]
    with Emulator(SCENARIO) as emulator:
        address = f"{emulator.url}/_emulator/openapi.json"
        command = [program, "--config-file", str(ROOT / "schemathesis.toml"), "run", address, "--phases", PHASES, *options]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
