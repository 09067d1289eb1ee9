"""Names in the order of Java's hash tables."""

from __future__ import annotations

import pytest

from emulator.aws.java_order import USUAL, in_hash_order


# What the live service printed: aws-samples/aws-batch-processing-job-repo#4
@pytest.mark.parametrize(
    ("smallest", "names"),
    [
        (1, ["ProductId", "CreatedTime", "ProductDescription", "ProductName"]),
        (USUAL, ["CreatedTime", "ProductName", "ProductId"]),
    ],
)
def test_names_stand_as_the_service_printed_them(smallest: int, names: list[str]) -> None:
    assert in_hash_order(sorted(names), smallest=smallest) == names


def test_a_name_of_any_script_has_a_place() -> None:
    assert sorted(in_hash_order(["\U0001f600", "\ud800", "a", ""])) == ["", "a", "\ud800", "\U0001f600"]
