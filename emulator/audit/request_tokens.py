"""ClientRequestTokens, under which the service takes repeated transactions for one."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.audit.rulings import Ruling, Status
from emulator.audit.seen import JudgedCall
from emulator.journal import Exchange
from emulator.scenario.phrases import counted

TRANSACTIONS = frozenset(("TransactWriteItems", "ExecuteTransaction"))
TOKEN_LIFE = 600.0


def token_of(entry: Exchange) -> object:
    return entry.call.params.get("ClientRequestToken") if entry.call else None


def tokens_of(calls: Iterable[JudgedCall]) -> dict[tuple[str, str, str], list[Exchange]]:
    """The exchanges of each token, in order of arrival."""
    tokens: dict[tuple[str, str, str], list[Exchange]] = {}
    for call in calls:
        if call.operation in TRANSACTIONS:
            for entry in call.entries:
                token = token_of(entry)
                if token:
                    tokens.setdefault((call.operation, call.request.access_key, str(token)), []).append(entry)
    return {token: sorted(entries, key=lambda entry: entry.request.arrived) for token, entries in tokens.items() if len(entries) > 1}


def age(before: Exchange, after: Exchange) -> float:
    """Emulated seconds, as the service counts the life of a token."""
    return after.time - before.time


def about_tokens(status: Status, pairs: list[tuple[Exchange, Exchange]], why: str) -> Ruling:
    examples = ", ".join(f"{token_of(before)} in requests {before.id} and {after.id}" for before, after in pairs[:3])
    calls = dict.fromkeys(after.call_id for _, after in pairs)
    return Ruling(status, f"{counted(len(pairs), 'token')} {why} ({examples})", tuple(calls))
