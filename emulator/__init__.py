"""dynafault: a local DynamoDB that fails on purpose, and says afterwards how the client took it.

from emulator import Emulator

with Emulator(scenario="scenarios/throttling/first-two-attempts.yaml") as emulator:
    client = boto3.client("dynamodb", **emulator.boto3_kwargs())
"""

from emulator.errors import EmulatorError
from emulator.scenario import ScenarioError, load_scenario
from emulator.server import Emulator
from emulator.version import __version__

__all__ = ["Emulator", "EmulatorError", "ScenarioError", "__version__", "load_scenario"]
