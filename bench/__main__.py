"""Runs the measurements that are named, all of them by default."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "ready",
    "get_item",
    "rules",
    "load",
    "delays",
    "query_scale",
    "memory",
    "exchanges",
    "burden",
    "steps",
    "live_page",
    "fast_time",
    "hop",
    "peers",
)


def main() -> int:
    chosen = sys.argv[1:] or NAMES
    for name in chosen:
        if name not in NAMES:
            print(f"there is no measurement {name!r}; there are {', '.join(NAMES)}", file=sys.stderr)
            return 2
        importlib.import_module(f"bench.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
