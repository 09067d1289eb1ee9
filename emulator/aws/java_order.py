"""The order in which Java's hash tables keep names, since the service prints some of its maps and sets in its sentences."""

from __future__ import annotations

from collections.abc import Iterable

# What Java makes a table of that was told no size
USUAL = 16


def in_hash_order(names: Iterable[str], *, smallest: int = 1) -> list[str]:
    """The names in the order of a Java hash table that has at least `smallest` places (a power of two) and is never more than three
    quarters full. Names that fall on one place keep the order in which they came."""
    found = list(names)
    places = smallest
    while len(found) * 4 > places * 3:
        places *= 2
    return sorted(found, key=lambda name: _spread(name) & (places - 1))


def _spread(name: str) -> int:
    """Java's hash of a string, over UTF-16, with its upper half folded into the lower one."""
    code = 0
    units = name.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (31 * code + high * 256 + low) & 0xFFFFFFFF
    return code ^ code >> 16
