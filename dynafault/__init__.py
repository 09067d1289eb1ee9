"""dynafault: a local DynamoDB that fails on purpose, and says afterwards how the client took it.

    from dynafault import Emulator

    with Emulator(scenario="scenarios/throttling/first-two-attempts.yaml") as emulator:
        client = boto3.client("dynamodb", **emulator.boto3_kwargs())

These are the names that stay (docs/stability.md). The code behind them is the package `emulator`, which is imported when one of them is
first used. Raises ImportError, with the place, where another package of that name is found before it.
"""

from typing import TYPE_CHECKING

from dynafault.shadowing import load_emulator

if TYPE_CHECKING:
    from emulator import AdminClient, EmulatedClock, Emulator, EmulatorError, ScenarioError, __version__, load_scenario

__all__ = ["AdminClient", "EmulatedClock", "Emulator", "EmulatorError", "ScenarioError", "__version__", "load_scenario"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'dynafault' has no attribute {name!r}")
    return getattr(load_emulator(), name)
