"""Write docs/answers.md, how the emulated DynamoDB answers, from the tables that the code and its tests go by.

python tools/generate_answers_page.py            # write
python tools/generate_answers_page.py --check    # exit 1 if the page differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml
from pages import ROOT, code, fill, plain, publish, table

from emulator.aws.wording import MOVES, NOT_MOVED
from emulator.backends.dynamodb.checks import ORDER, Order

PAGE = ROOT / "docs" / "answers.md"
_TEMPLATE = Path(__file__).with_name("answers_page.md")
_ONE_AT_A_TIME = "the first broken constraint alone; what else is refused before the table is looked up is wrapped"
_NEEDS = {"request": "the request", "table": "the table", "schema": "the key schemas", "item": "the item"}
_LENGTHS = "lengths and magnitudes are worded anew"


def render() -> str:
    """The page as text."""
    return fill(_TEMPLATE, {"moves": _moves, "not-moved": _not_moved, "orders": _orders, "kinds": _kinds, "weak": _weak})


def _moves() -> str:
    rows = [(move.operation, code(move.since), _ONE_AT_A_TIME if move.one_at_a_time else _LENGTHS, move.seen) for move in MOVES]
    return table(("operation", "in the new words from", "what is new", "seen"), rows) + "\n"


def _not_moved() -> str:
    return table(("operation", "seen"), NOT_MOVED.items()) + "\n"


def _orders() -> str:
    return "".join(f"### {operation}\n\n{_order(order)}\n" for operation, order in ORDER.items())


def _order(order: Order) -> str:
    rows = [(_NEEDS[check.needs], check.what, f"{check.error}: ... {plain(check.says)} ...") for check in order.checks]
    return table(("needs", "what is checked", "otherwise"), rows)


def _kinds() -> str:
    kinds: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests" / "answers" / "cases.yaml").read_text("utf-8"))
    return table(("kind", "known from"), [(plain(kind["kind"]), plain(kind["evidence"])) for kind in kinds]) + "\n"


def _weak() -> str:
    decisions: list[dict[str, Any]] = yaml.safe_load((ROOT / "oracle" / "decisions.yaml").read_text("utf-8"))
    return "".join(f"- {plain(' '.join(decision['evidence'].split()))}\n" for decision in decisions if decision.get("weak"))


if __name__ == "__main__":
    sys.exit(publish(PAGE, render, __doc__))
