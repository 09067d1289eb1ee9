"""From an operation to the function that carries it out, and from that function's result to an outcome.

Modules are imported when they are first needed, so that an emulator which serves two operations does not wait for thirty.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from emulator.aws.services import writes_of
from emulator.aws.services.carried_out import OPERATION_MODULES
from emulator.backends.dynamodb.state import State
from emulator.messages import OTHER_WRITTEN, Call, Outcome

# The outcome, or just the members of the answer where the operation is not about items
Operation = Callable[[State, Call], Outcome | dict[str, Any] | None]

_WORD_STARTS = re.compile(r"(?<!^)(?=[A-Z])")


def outcome_of(call: Call, result: Outcome | dict[str, Any] | None) -> Outcome:
    """The result of an operation's function as an outcome."""
    return result if isinstance(result, Outcome) else Outcome(result, OTHER_WRITTEN if writes_of(call.operation) else None)


@cache
def find_operation(name: str) -> Operation:
    """The function of an operation. Raises KeyError for one that is not carried out."""
    module = importlib.import_module(f"emulator.backends.dynamodb.operations.{OPERATION_MODULES[name]}")
    function: Operation = getattr(module, _WORD_STARTS.sub("_", name).lower())
    return function
