"""What differs between runs by nature: times, random ids, the order of lists.

It is found by comparing runs without faults, attribute by attribute, and is then left out of comparisons. A mask names a table and an
attribute, with dots into maps and "[]" for the elements of a list: `orders.updated_at`, `orders.log.[].at`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import orjson

from dynafault_dataclass import dataclass
from emulator.backends.dynamodb.contents import TableContents

Item = Mapping[str, Any]
_SETS = ("SS", "NS", "BS")


@dataclass(frozen=True, slots=True)
class Mask:
    """`paths` were found; `globs` are the user's own. `tables` are those whose number of items differs by itself: nothing of them is
    compared."""

    paths: frozenset[str] = frozenset()
    globs: tuple[str, ...] = ()
    tables: frozenset[str] = frozenset()

    def hides(self, table: str, path: str) -> bool:
        name = f"{table}.{path}"
        return name in self.paths or any(fnmatchcase(name, glob) for glob in self.globs)

    def widened(self, other: Mask) -> Mask:
        return Mask(self.paths | other.paths, self.globs, self.tables | other.tables)

    def item(self, table: str, item: Item) -> dict[str, Any]:
        """The item without what is not compared, and with sets in order."""
        return {name: self._value(table, name, value) for name, value in item.items() if not self.hides(table, name)}

    def _value(self, table: str, path: str, value: Mapping[str, Any]) -> Any:
        (kind, held), *_ = value.items()
        if kind == "M":
            inner = {name: (f"{path}.{name}", one) for name, one in held.items()}
            return {"M": {name: self._value(table, at, one) for name, (at, one) in inner.items() if not self.hides(table, at)}}
        if kind == "L":
            at = f"{path}.[]"
            return {"L": len(held)} if self.hides(table, at) else {"L": [self._value(table, at, one) for one in held]}
        return {kind: sorted(held)} if kind in _SETS else value


def labelled(tables: Iterable[TableContents]) -> dict[str, TableContents]:
    """Tables by name; with the region behind it, where several regions have one of that name."""
    tables = list(tables)
    times = Counter(table.name for table in tables)
    return {table.name if times[table.name] == 1 else f"{table.name} ({table.region})": table for table in tables}


def text_of(item: Any) -> str:
    """An item or a part of one as text that is equal for equal ones."""
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS).decode()


def natural_mask(runs: Sequence[Sequence[TableContents]], ignored: Iterable[str] = ()) -> Mask:
    """What differs between runs that should be the same; `ignored` are globs over "table.attribute", or over attributes of any table."""
    # A name without a table is that of an attribute of any
    mask = Mask(globs=tuple(one if "." in one else f"*.{one}" for one in ignored))
    first = labelled(runs[0])
    for run in runs[1:]:
        other = labelled(run)
        for name in first.keys() & other.keys():
            mask = mask.widened(_of_tables(name, first[name], other[name], mask))
        mask = mask.widened(Mask(tables=frozenset(first.keys() ^ other.keys())))
    return mask


def _of_tables(name: str, one: TableContents, other: TableContents, mask: Mask) -> Mask:
    left, right = ([mask.item(name, item) for item in table.items] for table in (one, other))
    if len(left) != len(right):
        return Mask(tables=frozenset((name,)))
    keys = frozenset(
        f"{name}.{key}"
        for key in one.key
        if Counter(text_of(item.get(key)) for item in left) != Counter(text_of(item.get(key)) for item in right)
    )
    found = Mask(keys, mask.globs)
    pairs = _pairs(one.key, [found.item(name, item) for item in left], [found.item(name, item) for item in right])
    return Mask(keys | {f"{name}.{path}" for was, now in pairs for path in _differing(was, now)})


def _pairs(key: Sequence[str], left: list[dict[str, Any]], right: list[dict[str, Any]]) -> Iterator[tuple[Item, Item]]:
    """Items that belong together: by what of the key is the same, and by likeness where that is nothing."""

    def place(item: Item) -> tuple[str, str]:
        return text_of([item.get(name) for name in key]), text_of(item)

    counts = Counter(map(text_of, right))
    unequal = []
    for item in left:
        if counts[text_of(item)]:
            counts[text_of(item)] -= 1
        else:
            unequal.append(item)
    others = []
    for item in right:
        if counts[text_of(item)]:
            counts[text_of(item)] -= 1
            others.append(item)
    return zip(sorted(unequal, key=place), sorted(others, key=place), strict=False)


def _differing(one: Item, other: Item, path: str = "") -> Iterator[str]:
    """The paths at which two items, or two maps within them, differ."""
    for name in sorted(one.keys() | other.keys()):
        at = f"{path}{name}"
        if name not in one or name not in other:
            yield at
        elif one[name] != other[name]:
            yield from _inside(one[name], other[name], at)


def _inside(one: Mapping[str, Any], other: Mapping[str, Any], at: str) -> Iterator[str]:
    if one.keys() == other.keys() == {"M"}:
        yield from _differing(one["M"], other["M"], f"{at}.")
    elif one.keys() == other.keys() == {"L"} and isinstance(one["L"], list) and len(one["L"]) == len(other["L"]):
        for left, right in zip(one["L"], other["L"], strict=True):
            if left != right:
                yield from _inside(left, right, f"{at}.[]")
    else:
        yield at
