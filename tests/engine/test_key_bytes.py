"""Composed keys: no key is the beginning of another, and bounds enclose exactly what begins with a prefix."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.backends.dynamodb.keys import after_all, delimit, open_ended

parts = st.binary(max_size=8) | st.lists(st.sampled_from([0, 1, 255]), max_size=6).map(bytes)


@given(parts, parts)
def test_delimiting_keeps_the_order(left: bytes, right: bytes) -> None:
    assert (delimit(left) < delimit(right)) == (left < right)


@given(parts, parts)
def test_no_part_is_the_beginning_of_another(left: bytes, right: bytes) -> None:
    assert left == right or not delimit(left).startswith(delimit(right))


@given(parts, parts, parts)
def test_bounds_enclose_exactly_the_parts_that_begin_with_a_prefix(prefix: bytes, part: bytes, rest: bytes) -> None:
    # What precedes it in a key is never 0xff throughout
    low = b"\1" + open_ended(prefix)
    key = b"\1" + delimit(part) + rest
    assert (low <= key < after_all(low)) == part.startswith(prefix)
