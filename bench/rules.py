"""What deciding costs a request when twenty rules are loaded, by what the rules ask of it; processor time, the best of some rounds."""

from __future__ import annotations

import time
from typing import Any

from emulator.clock import SystemClock
from emulator.faults import RuleSet
from emulator.messages import Attempt, Call, HttpRequest
from emulator.scenario import load_scenario

RULES = 20
REQUESTS = 4000
ROUNDS = 5

# None of them ever fires
KINDS: dict[str, Any] = {
    "table": lambda number: {"when": {"table": f"t{number}"}},
    "index": lambda number: {"when": {"index": f"i{number}"}},
    "region": lambda number: {"when": {"region": f"eu-{number}"}},
    "client": lambda number: {"when": {"client": {"user_agent": f"*sdk-{number}*"}}},
    "key": lambda number: {"when": {"key": {"customer": f"c{number}"}}},
    "key, number": lambda number: {"when": {"key": {"order": 10_000 + number}}},
    "key, glob": lambda number: {"when": {"key": {"customer": f"c{number}*"}}},
    "where": lambda number: {"when": {"where": f"Key.customer.S == 'c{number}'"}},
    "attempt": lambda number: {"when": {"attempt": 5 + number}},
    "request": lambda number: {"when": {"request": 10**9 + number}},
    "call": lambda number: {"when": {"call": 10**9 + number}},
    "request per key": lambda number: {"when": {"request": 10**9 + number, "per": "key"}},
    "during": lambda number: {"during": f"{number + 1}h.."},
    "chance": lambda number: {"chance": 1e-12},
}


def run() -> None:
    requests = [_request(number) for number in range(REQUESTS)]
    print(f"rules: microseconds to decide, {RULES} rules that ask for")
    for kind, rule in KINDS.items():
        rules = [{"name": f"r{number}", "fault": "InternalServerError", **rule(number)} for number in range(RULES)]
        scenario = load_scenario({"version": 1, "tables": [{"name": "orders", "key": {"customer": "S", "order": "N"}}], "rules": rules})
        engine = RuleSet.of(scenario, SystemClock(), seed=1)
        print(f"  {kind:<16} {min(_round(engine, requests) for _ in range(ROUNDS)) * 1e6:6.2f}")


def _request(number: int) -> tuple[Call, Attempt]:
    key = {"customer": {"S": f"ada-{number % 500}"}, "order": {"N": str(number % 1000)}}
    http = HttpRequest("POST", "/", {"user-agent": "Boto3/1.44"}, b"", connection=1, peer="127.0.0.1:5000")
    params = {"TableName": "orders", "Key": key}
    return Call("dynamodb", "GetItem", params, ("orders",), "us-east-1", "000000000000", "AKID", "", http), Attempt(f"call-{number}", 1)


def _round(engine: RuleSet, requests: list[tuple[Call, Attempt]]) -> float:
    """Seconds for each request."""
    began = time.process_time()
    for call, attempt in requests:
        engine.decide(call, attempt)
    return (time.process_time() - began) / len(requests)
