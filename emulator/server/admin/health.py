"""What the emulator answers to a health check.

The built-in server asks this directly: whether the emulator serves is a matter of its event loop, and must not wait for the Flask
app to be imported (which takes longer than everything else together) or for a worker thread."""

from __future__ import annotations

import orjson

from emulator.core import EmulatorCore
from emulator.version import __version__


def health_json(emulator: EmulatorCore) -> bytes:
    uptime = emulator.clock.monotonic() - emulator.started
    state = {"status": "ready", "version": __version__, "scenario": emulator.scenario.name, "uptime_s": round(uptime, 3)}
    return orjson.dumps(state) + b"\n"
