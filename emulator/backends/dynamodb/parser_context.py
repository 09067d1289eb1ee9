"""What it takes to parse the expressions of an operation's requests and to word their refusals: the wording, and caches."""

from __future__ import annotations

from dataclasses import field

from dynafault_dataclass import dataclass
from emulator.aws.wording import Words
from emulator.backends.dynamodb.expressions import Resolutions, SyntaxCache


@dataclass(frozen=True, slots=True)
class ParserContext:
    """`wording` is the operation's, `is_classic`: it is that of before 2026. `cache` is shared by all requests of an engine, `resolutions`
    by those whose expressions mean the same."""

    wording: Words
    cache: SyntaxCache
    is_classic: bool = False
    resolutions: Resolutions = field(default_factory=Resolutions, compare=False, repr=False)
