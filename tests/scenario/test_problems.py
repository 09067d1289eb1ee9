"""How problems are shown."""

from __future__ import annotations

from emulator.scenario import Problem, ScenarioError


def test_a_problem_shows_its_line_and_a_caret() -> None:
    problem = Problem("orders.yaml", 6, 7, "unknown key 'tabel' in 'when'", "did you mean 'table'?", "      tabel: orders")
    assert problem.text == ("orders.yaml:6:7: unknown key 'tabel' in 'when'; did you mean 'table'?\n      tabel: orders\n      ^")


def test_the_caret_stays_in_place_in_a_long_line() -> None:
    _, shown, caret = Problem("f", 1, 5001, "odd", source="x" * 5000 + "HERE" + "x" * 5000).text.split("\n")
    assert len(shown) <= 160
    assert shown[caret.index("^") :].startswith("HERE")


def test_nothing_in_a_source_line_moves_the_cursor() -> None:
    assert "\x1b" not in Problem("f", 1, 1, "odd", source="\x1b[2Jboo\u202e").text


def test_nothing_in_a_message_moves_the_cursor() -> None:
    assert Problem("f", 1, 1, "unknown key '\x1b[2J'").text == r"f:1:1: unknown key '\x1b[2J'"


def test_an_error_shows_all_problems_sorted_with_a_count() -> None:
    error = ScenarioError([Problem("b", 1, 1, "third"), Problem("a", 10, 1, "second"), Problem("a", 9, 1, "first")])
    assert str(error) == "a:9:1: first\na:10:1: second\nb:1:1: third\n3 problems; nothing was loaded"
    assert error.as_dicts()[0] == {"file": "a", "line": 9, "column": 1, "message": "first", "hint": "", "source": ""}


def test_a_flood_of_problems_is_cut() -> None:
    text = str(ScenarioError(Problem("a", line, 1, "odd") for line in range(1, 151)))
    assert text.endswith("... and 50 more\n150 problems; nothing was loaded")
