"""V14: The server's x-amz-retry-after is heeded

## What it does
Waits after answers that carry x-amz-retry-after, or Retry-After for SDKs that read that; fails where version and mode of
the SDK are known, and documented to heed the header.

## Why it matters
A service that sends x-amz-retry-after knows how long it needs. Who comes sooner is refused again; who believes any
number can be made to sleep for hours by a wrong one.

## Fails
```text
GetItem    503, x-amz-retry-after: 2000
 310 ms    503, x-amz-retry-after: 2000
```

## Passes
```text
GetItem    503, x-amz-retry-after: 2000
2011 ms    200
```

## What helps
Wait at least as many milliseconds as the header says, and at most five seconds longer than without it.

## Sources
- [SDK reference guide, Retry behavior](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
"""

from __future__ import annotations

from emulator.audit.evidence import Evidence
from emulator.audit.noise import lateness, stretch
from emulator.audit.rulings import Ruling, Status, found, milliseconds, nothing, passed
from emulator.audit.seen import Gap
from emulator.audit.waits import MAX_HINT, SLACK, calls_of, longest_of, may_be_a_stall
from emulator.scenario.phrases import counted

GRADE = Status.FAIL

# Clocks of client and server need not tick alike
_EARLY = 0.005


def judge(evidence: Evidence) -> Ruling:
    hinted = [gap for gap in evidence.gaps if gap.hint]
    if not hinted:
        return nothing("no answer asked for a wait that was followed by a retry")
    ignored = [gap for gap in hinted if _is_early(gap) or _believes_too_much(gap)]
    late = [gap for gap in hinted if gap not in ignored and gap.seconds > _latest(gap) and not gap.call.client.is_adaptive]
    if not ignored and not late:
        return passed(f"{counted(len(hinted), 'wait')} as the server asked")
    sure = ignored if may_be_a_stall(late, hinted) else ignored + late
    bound = [gap for gap in sure if _is_bound(gap)]
    seen = bound or sure or late
    example = f"{milliseconds(seen[0].seconds)} for {milliseconds(seen[0].hint or 0)}"
    why = f"{counted(len(seen), 'wait')} other than the server asked, such as {example}"
    return found(Status.FAIL if bound else Status.INFO, calls_of(seen), why)


def _is_bound(gap: Gap) -> bool:
    """Whether the client is known to heed this header: by its version and mode, not by the attempts that it declares."""
    profile, asked = gap.call.profile, gap.asked
    return gap.call.is_profile_sure and profile is not None and asked is not None and profile.heeds == asked.header


def _is_early(gap: Gap) -> bool:
    # An answer is stamped when the server learns that it is out: its client may have read it long before
    return gap.seconds < min(gap.hint or 0, MAX_HINT) - _EARLY - lateness(gap)


def _believes_too_much(gap: Gap) -> bool:
    """Whether the client waits as long as it is told, where that is longer than a server may ask."""
    return gap.hint is not None and gap.hint > longest_of(gap) + MAX_HINT + SLACK and gap.seconds >= gap.hint - _EARLY


def _latest(gap: Gap) -> float:
    """The header is heeded between the client's own wait and five seconds more."""
    return min(max(longest_of(gap), gap.hint or 0), longest_of(gap) + MAX_HINT) + SLACK + stretch(gap)
