"""One simulated run: a good client of some profile, or one with a flaw, in a cell of the grid, and what the verdicts say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from random import Random
from typing import Any

from calibration.clients import BY_HAND, SERVICES, ByHand, Doer, HandMade, Sdk, doubled
from calibration.troubles import ELSEWHERE, TROUBLES, batch, count, name_of, read, scenario_of, transaction, write
from calibration.world import Doing, Noise, Send, Sleep, World
from emulator.journal.outcomes import RETRYABLE, ResponseClass
from emulator.sdks.retry_profiles import PROFILES, Jitter, RetryProfile

WORKERS = (1, 8, 64)
NOISES = ("none", "5 ms", "40 ms stalls")
SHARING = ("shared", "own")
# Calls in a run, of all workers together
CALLS = (8, 24, 72)
_ROUNDS = 8
_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in the grid. `client` is a retry profile, one of `BY_HAND`, or a flaw of `FLAWS`."""

    client: str
    workers: int
    noise: str
    sharing: str
    calls: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was said of a run: the verdicts that failed, and those that warned; `waits` is how often its clients waited."""

    failed: tuple[str, ...]
    warned: tuple[str, ...]
    waits: int


def cells(clients: tuple[str, ...]) -> list[Cell]:
    return [Cell(*one) for one in product(clients, WORKERS, NOISES, SHARING, CALLS)]


def run(cell: Cell, seed: int) -> Result:
    """The same for the same seed."""
    return judge(world_of(cell, seed))


def judge(world: World) -> Result:
    found = world.judge()
    failed, warned = (tuple(one.verdict.id for one in found if one.status == status) for status in ("fail", "warn"))
    return Result(failed, warned, world.waits)


def world_of(cell: Cell, seed: int) -> World:
    """The world after the run."""
    dice = Random(f"{cell}/{seed}")
    flaw = FLAWS.get(cell.client)
    others = ELSEWHERE if cell.client in SERVICES else TROUBLES
    trouble = flaw.trouble if flaw is not None else dice.choice(others)
    world = World(scenario_of(trouble), Noise(cell.noise, dice), seed)
    workers = min(cell.workers, cell.calls)

    def client() -> Doer:
        return ByHand(cell.client, dice) if cell.client in BY_HAND else Sdk(cell.client if flaw is None else flaw.profile, dice)

    shared = client()
    for worker in range(workers):
        numbers = range(worker, cell.calls, workers)
        doer = shared if cell.sharing == "shared" else client()
        doing = _good_work(doer, trouble, numbers, dice) if flaw is None else flaw.work(numbers, dice, doer)
        world.start(doing, dice.random() * 0.02)
    world.run()
    return world


def documented_warnings(client: str) -> frozenset[str]:
    """The warnings that a good client earns by what it is documented to do."""
    return BY_HAND[client][1] if client in BY_HAND else _documented(PROFILES[client])


def _documented(profile: RetryProfile) -> frozenset[str]:
    found = set()
    if Jitter.NONE in (profile.jitter, profile.throttling_jitter):
        # Without jitter clients come back together
        found |= {"V11", "V19"}
    if profile.immediate:
        found |= {"V9", "V28"}
    if profile.quota is None or profile.quota.throttling == 0:
        found.add("V16")
    if profile.attempts > PROFILES["standard-2026"].attempts:
        found.add("V18")
    if max(profile.longest_call(throttling) for throttling in (False, True)) > _PER_MINUTE:
        found.add("V8")
    if max(profile.longest_wait(profile.attempts - 2, throttling) for throttling in (False, True)) > 20.0:
        found.add("V12")
    return frozenset(found)


# --- what a good program does with its SDK


def _good_work(sdk: Doer, trouble: str, numbers: range, dice: Random) -> Doing:
    for number in numbers:
        name = name_of(number, dice)
        if trouble in ELSEWHERE:
            operation, most = ("ListStreams", "Limit") if SERVICES[sdk.name] == "streams" else ("ListGateways", "MaxResults")
            # Each list is a work of its own
            yield from sdk.call(operation, {most: number + 1})
        elif trouble == "batches":
            yield from _good_batch(sdk, batch(name), dice)
        elif trouble == "transactions":
            yield from sdk.call("TransactWriteItems", transaction(name, dice))
        elif trouble == "refusals":
            yield from sdk.call("PutItem", {**write(name), "ConditionExpression": "attribute_not_exists(id)"})
        else:
            operation, params = dice.choice((("GetItem", read(name)), ("PutItem", write(name))))
            yield from sdk.call(operation, params)
        yield Sleep(dice.random() * 0.004)


def _good_batch(sdk: Doer, params: dict[str, Any], dice: Random) -> Doing:
    for attempt in range(_ROUNDS):
        answer = yield from sdk.call("BatchWriteItem", params)
        left = answer.body.get("UnprocessedItems") if answer is not None else None
        if not left:
            return
        params = {"RequestItems": left}
        yield Sleep(0.1 * 2**attempt * (0.5 + 0.5 * dice.random()))


# --- flaws

Work = Callable[[range, Random, Doer], Doing]


@dataclass(frozen=True, slots=True)
class Flaw:
    """`verdicts` are those that are meant for it: one of them should speak up."""

    verdicts: tuple[str, ...]
    trouble: str
    work: Work
    profile: str = "botocore-2026"


def _by_hand(client: HandMade, operation: str = "GetItem") -> Work:
    make = {"GetItem": read, "PutItem": write, "UpdateItem": count, "BatchWriteItem": batch}[operation]

    def work(numbers: range, dice: Random, _: Doer) -> Doing:
        for number in numbers:
            yield from client.call(operation, make(f"{dice.choice('abcd')}{number}"), dice)

    return work


def _with_new_token(params: dict[str, Any], dice: Random) -> dict[str, Any]:
    return {**params, "ClientRequestToken": f"{dice.getrandbits(64):016x}"}


def _transactions_with_new_tokens(numbers: range, dice: Random, _: Doer) -> Doing:
    client = HandMade(refreshes=_with_new_token)
    for number in numbers:
        yield from client.call("TransactWriteItems", transaction(f"t{number}", dice), dice)


def _deaf(numbers: range, dice: Random, sdk: Doer) -> Doing:
    """An SDK that should heed `x-amz-retry-after`."""
    assert isinstance(sdk, Sdk)
    invocations = (f"{dice.getrandbits(128):032x}" for _ in numbers)
    for number, invocation in zip(numbers, invocations, strict=True):
        for attempt in range(1, 5):
            answer = yield Send("GetItem", read(f"{dice.choice('abc')}{number}"), sdk.headers(invocation, attempt))
            if answer is None or answer.seen.outcome not in RETRYABLE:
                break
            yield Sleep(0.025 * 2**attempt * dice.random())


def _impatient(numbers: range, dice: Random, sdk: Doer) -> Doing:
    """It declares four attempts, and makes two."""
    assert isinstance(sdk, Sdk)
    for number in numbers:
        invocation = f"{dice.getrandbits(128):032x}"
        for attempt in (1, 2):
            answer = yield Send("GetItem", read(f"d{number}"), sdk.headers(invocation, attempt))
            if answer is None or answer.seen.outcome not in RETRYABLE:
                break
            yield Sleep(sdk.wait(attempt - 1, throttling=False, asked=None))


def _layered(numbers: range, dice: Random, sdk: Doer) -> Doing:
    for number in numbers:
        name = f"d{number}"
        for attempt in range(3):
            answer = yield from sdk.call("GetItem", read(name))
            if answer is not None and answer.seen.outcome is ResponseClass.SUCCESS:
                break
            yield Sleep(0.2 * 2**attempt * dice.random())


def _batches(wait: Callable[[int], float], rounds: int, again: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any] | None]) -> Work:
    def work(numbers: range, dice: Random, sdk: Doer) -> Doing:
        for number in numbers:
            whole = params = batch(f"n{number}", max(6, rounds + 2))
            for attempt in range(rounds):
                answer = yield from sdk.call("BatchWriteItem", params)
                left = answer.body.get("UnprocessedItems") if answer is not None else None
                following = again(whole, {"RequestItems": left}) if left else None
                if following is None:
                    break
                params = following
                yield Sleep(wait(attempt))

    return work


def _exact(retry: int, _: Random, base: float = 0.1) -> float:
    return base * 2.0**retry


FLAWS: dict[str, Flaw] = {
    "no wait": Flaw(("V9",), "server errors", _by_hand(HandMade(lambda retry, dice: 0.0))),
    "no wait, twenty times": Flaw(("V9",), "endless outage", _by_hand(HandMade(lambda retry, dice: 0.0, gives_up=20))),
    "constant wait of 100 ms": Flaw(("V10",), "server errors", _by_hand(HandMade(lambda retry, dice: 0.1))),
    "constant wait of 1 s": Flaw(("V10",), "throttling", _by_hand(HandMade(lambda retry, dice: 1.0))),
    "constant range, jittered": Flaw(("V10",), "throttling", _by_hand(HandMade(lambda retry, dice: dice.random()))),
    "linear waits": Flaw(("V10",), "endless outage", _by_hand(HandMade(lambda retry, dice: 0.1 * (retry + 1), gives_up=6))),
    "no jitter": Flaw(("V11",), "server errors", _by_hand(HandMade(_exact))),
    "waits without a cap": Flaw(("V12",), "endless outage", _by_hand(HandMade(partial(_exact, base=0.5), gives_up=9))),
    "retries without a bound": Flaw(("V6", "V16", "V18"), "endless outage", _by_hand(HandMade(doubled, gives_up=40))),
    "never tries again, throttled": Flaw(("V1",), "throttling", _by_hand(HandMade(gives_up=1))),
    "never tries again, 500": Flaw(("V2",), "server errors", _by_hand(HandMade(gives_up=1))),
    "never tries again, reset": Flaw(("V3",), "lost requests", _by_hand(HandMade(gives_up=1))),
    "gives up early": Flaw(("V7",), "server errors", _impatient),
    "retries refusals": Flaw(("V4",), "no access", _by_hand(HandMade(gives_up=4, retries=frozenset({ResponseClass.REFUSED})), "PutItem")),
    "ignores hints": Flaw(("V14",), "hints", _deaf),
    "doubles writes": Flaw(("V20",), "lost answers", _by_hand(HandMade(), "UpdateItem")),
    "new token for each try": Flaw(("V22",), "transactions", _transactions_with_new_tokens),
    "retries in two layers": Flaw(("V17",), "endless outage", _layered),
    "no quota": Flaw(("V16",), "endless outage", _by_hand(HandMade(doubled, gives_up=4))),
    "loses leftovers": Flaw(("V26",), "batches", _batches(lambda attempt: 0.0, 1, lambda whole, left: left)),
    "whole batch again": Flaw(("V27",), "batches", _batches(lambda attempt: 0.1 * 2**attempt, 4, lambda whole, left: whole)),
    "batches at once": Flaw(("V28",), "batches", _batches(lambda attempt: 0.0, 8, lambda whole, left: left)),
    "batches at a constant pace": Flaw(("V28",), "slow batches", _batches(lambda attempt: 0.05, 16, lambda whole, left: left)),
}


def good_clients() -> Iterator[str]:
    """Every profile that a client can have (the first row stands for all SDKs, not for one), and who needs no SDK."""
    return (name for name in (*PROFILES, *BY_HAND) if name != "standard-2026")
