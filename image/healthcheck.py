"""Exits with 0 if the server of this container answers, wherever the command or the environment made it listen."""

from __future__ import annotations

import http.client
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit


def main() -> int:
    address = urlsplit(Path(os.environ["DYNAFAULT_SERVE_ADDRESS_FILE"]).read_text().strip())
    # Not urllib, which would ask a proxy where the environment names one
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=1)
    connection.request("GET", "/_emulator/health")
    return 0 if connection.getresponse().status == 200 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        sys.exit(f"no server answers yet: {error}")
