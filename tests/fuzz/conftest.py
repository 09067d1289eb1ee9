"""How much is tried: little and always the same beside the other tests; with FUZZ_EXAMPLES in the environment, so many and new ones
(`make fuzz`). What fails is printed by Hypothesis, with the seed that makes it again."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
_QUIET = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.filter_too_much)
settings.register_profile("short", max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=_QUIET)
settings.register_profile("long", max_examples=int(_EXAMPLES or 1), deadline=None, print_blob=True, suppress_health_check=_QUIET)
FUZZING = settings.get_profile("long" if _EXAMPLES else "short")
