"""dynafault: a local DynamoDB that fails on purpose, and says afterwards how the client took it.

    from dynafault import Emulator

    with Emulator(scenario="scenarios/throttling/first-two-attempts.yaml") as emulator:
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())

Users import `dynafault`, which has the names below, too. They are imported when they are first used, so that the pytest plugin and the
command line pay for what they use alone.
"""

import importlib
from typing import TYPE_CHECKING

from emulator.version import __version__

if TYPE_CHECKING:
    from emulator.aws.errors import EmulatorError
    from emulator.clock import EmulatedClock
    from emulator.scenario import ScenarioError, load_scenario
    from emulator.server import Emulator
    from emulator.server.admin.client import AdminClient

__all__ = ["AdminClient", "EmulatedClock", "Emulator", "EmulatorError", "ScenarioError", "__version__", "load_scenario"]

_MODULES = {
    "AdminClient": "emulator.server.admin.client",
    "EmulatedClock": "emulator.clock",
    "Emulator": "emulator.server",
    "EmulatorError": "emulator.aws.errors",
    "ScenarioError": "emulator.scenario",
    "load_scenario": "emulator.scenario",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'emulator' has no attribute {name!r}")
    return getattr(importlib.import_module(module), name)
