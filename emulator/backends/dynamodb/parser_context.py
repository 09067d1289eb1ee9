"""How the requests of one operation are understood and refused: in which words, and with what memory of expressions."""

from __future__ import annotations

from dataclasses import field

from dynafault_dataclass import dataclass
from emulator.aws.wording import Words
from emulator.backends.dynamodb.expressions import Resolutions, SyntaxCache


@dataclass(frozen=True, slots=True)
class ParserContext:
    """`wording` is what the operation speaks, `is_classic` whether it is the time before 2026. `cache` is shared by all requests of an
    engine, whatever their words; `resolutions` by those that are understood alike."""

    wording: Words
    cache: SyntaxCache
    is_classic: bool = False
    resolutions: Resolutions = field(default_factory=Resolutions, compare=False, repr=False)
