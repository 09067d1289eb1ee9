"""Warnings: scenarios that load, but hardly do what their author meant. None of them stops anything.

An answer that the real service never gives, a rule that no request can reach, and what a rule costs the common SDKs in time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from dynafault_dataclass import dataclass
from emulator.aws.errors import CATALOGUE, Retry, lookup
from emulator.aws.services import load_service
from emulator.aws.services.carried_out import carried_out
from emulator.scenario.limits import Limit
from emulator.scenario.model import Fault
from emulator.scenario.nodes import Source
from emulator.scenario.operations import Names
from emulator.scenario.problems import Position
from emulator.scenario.ranges import Ordinals
from emulator.scenario.reading import suggestion
from emulator.scenario.responses import RawResponse
from emulator.scenario.rules import Rule
from emulator.scenario.tables import TableFixture
from emulator.sdks.retry_profiles import PROFILES, Jitter, RetryProfile

# Any operation may answer these, though no model declares them (Developer Guide, "Error handling"; common errors of the API
# reference); the rest of them is known by its namespace
_COMMON = frozenset({"InternalServerError", "ServiceUnavailable", "ThrottlingException", "InternalServerException"})
_COMMON_NAMESPACES = ("com.amazon.coral.service", "com.amazon.coral.validate")

# What people know the profiles by; with what each of them does not retry although others do
_PRICED = {"botocore-legacy": "boto3 in legacy mode", "standard-2026": "an SDK with the retries of 2026"}
_NOT_RETRIED_BY = {"botocore-legacy": frozenset({"RequestLimitExceeded", "LimitExceededException"})}

_GLOB = re.compile(r"[*?\[]")

# Members that name the items of a request
_STATEMENT_MEMBERS = frozenset({"Statement", "Statements", "TransactStatements"})
_ITEM_MEMBERS = _STATEMENT_MEMBERS | {"Key", "Item", "TransactItems", "RequestItems"}

# Transactions whose actions may have conditions
_CONDITIONAL = frozenset({("dynamodb", "TransactWriteItems"), ("dynamodb", "ExecuteTransaction")})

T = TypeVar("T")

# Where it stands, what is odd about it, and what to do
Oddity = tuple[Position, str, str]


@dataclass(frozen=True, slots=True)
class LintContext:
    """What a rule is judged by beside itself: the rules before it that always fire, the fixture tables by name, and the operations that
    some rule of the file answers in every case."""

    hiding: list[Rule]
    tables: dict[str, TableFixture]
    answered: Names


@dataclass(frozen=True, slots=True)
class Concern(Generic[T]):
    """One kind of warning: `doc` says in a phrase what is warned of, `find` finds it in a rule."""

    doc: str
    find: Callable[[T, LintContext], Iterator[Oddity]]


def warn(source: Source, rules: Iterable[Rule], limits: Iterable[Limit], hiding: list[Rule], tables: dict[str, TableFixture]) -> None:
    """Add warnings about the rules and limits of one file. `hiding` are the rules before them that always fire; those of this file are
    added to it. `tables` are all fixtures by name."""
    rules = list(rules)
    answered = frozenset(pair for rule in rules if _answers_always(rule) for pair in rule.when.operation.names)
    context = LintContext(hiding, tables, answered)
    for limit in limits:
        for about in LIMIT_CONCERNS:
            for where, message, hint in about.find(limit, context):
                source.warn(where, message, hint)
    for rule in rules:
        for concern in CONCERNS:
            for where, message, hint in concern.find(rule, context):
                source.warn(where, message, hint)
        if _is_always_due(rule):
            hiding.append(rule)


def _never(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    if rule.chance == 0:
        yield rule.where, f"the rule '{rule.name}' never fires: its chance is 0", "leave the rule out, or 'enabled: false'"


def _hidden(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    shadow = next((other for other in context.hiding if _hides(other, rule)), None)
    if shadow is not None:
        message = f"no request reaches the rule '{rule.name}': '{shadow.name}' fires first, always"
        yield rule.where, message, "the more special rule comes first"


def _misspelt(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    for name in rule.when.table or ():
        yield from _near_miss(rule.where, name, context)


def _near_miss(where: Position, name: str, context: LintContext) -> Iterator[Oddity]:
    """A name that is nearly that of a table. One that is like no other may be a table that the program makes."""
    if name in context.tables or _GLOB.search(name):
        return
    near = suggestion(name, context.tables, likeness=0.75)
    if near:
        yield where, f"'tables' has no '{name}'", near


def _limits_no_table(limit: Limit, context: LintContext) -> Iterator[Oddity]:
    if limit.table is not None:
        yield from _near_miss(limit.where, limit.table, context)


def _limits_no_index(limit: Limit, context: LintContext) -> Iterator[Oddity]:
    table = context.tables.get(limit.table or "")
    if table is not None and limit.index is not None:
        names = [index["IndexName"] for index in table.create.get("GlobalSecondaryIndexes", ())]
        if limit.index not in names:
            hint = suggestion(limit.index, names) or "local indexes use the capacity of their table"
            yield limit.where, f"the table '{table.name}' has no global index '{limit.index}', so nothing is limited", hint


def _other_billing(limit: Limit, context: LintContext) -> Iterator[Oddity]:
    """A limit that the service does not have for the table's billing mode."""
    table = context.tables.get(limit.table or "")
    if table is None or not table.is_billed:
        return
    is_provisioned = table.create["BillingMode"] == "PROVISIONED"
    if limit.limit == "provisioned" and not is_provisioned:
        yield (
            limit.where,
            f"the table '{table.name}' is on demand, so nothing is limited",
            "give it a 'billing' such as {read: 5, write: 5}",
        )
    if limit.limit == "on-demand-maximum" and is_provisioned:
        yield limit.where, f"the table '{table.name}' is provisioned, so nothing is limited", "'limit: provisioned' is what it has"


def _no_index(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    if rule.when.index is not None and not _any_takes(rule.when.operation.names, _STATEMENT_MEMBERS | {"IndexName"}):
        yield rule.where, "no request matches: none of these operations reads an index", "Query and Scan do, and statements"


def _no_items(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    if rule.when.key is not None and not _any_takes(rule.when.operation.names, _ITEM_MEMBERS):
        yield rule.where, "no request matches: none of these operations names items by key", "GetItem, PutItem and their like do"


def _no_key_attribute(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    if rule.when.key is None:
        return
    for table in (context.tables[name] for name in rule.when.table or () if name in context.tables):
        for attribute in sorted(rule.when.key.keys() - set(table.key)):
            message = f"'{attribute}' is no key attribute of the table '{table.name}'"
            yield rule.where, message, "only a PutItem shows other attributes than the key"


def _any_takes(operations: Names, members: frozenset[str]) -> bool:
    """Whether the input of one of the operations has one of the members."""
    for service, name in operations:
        model = load_service(service)
        shape = model.operations[name].input
        if shape is not None and members & model.shape(shape).members.keys():
            return True
    return False


def _too_many_requests(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    for fault in rule.faults:
        if isinstance(fault.response, RawResponse) and fault.response.status == 429 and "backup-gateway" not in _services(rule):
            hint = "DynamoDB throttles with 400: ProvisionedThroughputExceededException, ThrottlingException"
            yield fault.where, "the service never answers 429", hint


def _unusual_status(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    for fault in rule.faults:
        usual = set() if fault.error is None else {lookup(fault.error, service).status for service in _services(rule)}
        if fault.error is not None and fault.status is not None and fault.status not in usual:
            hint = f"the service sends {' or '.join(map(str, sorted(usual)))}"
            yield fault.where, f"{fault.error} never comes with the status {fault.status}", hint


def _undeclared(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    for fault in rule.faults:
        if fault.error is not None and not any(_answers(service, name, fault.error) for service, name in rule.when.operation.names):
            yield fault.where, f"none of these operations ever answers {fault.error}", _declaring(fault.error)


def _no_condition(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    if rule.when.operation.names & _CONDITIONAL:
        return
    for fault in rule.faults:
        if any(code == "ConditionalCheckFailed" for _, code in fault.cancel or ()):
            yield (
                fault.where,
                "no action of these operations has a condition that could fail",
                "TransactWriteItems does, and ExecuteTransaction",
            )


def _unknown_operation(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    """A rule about operations that are not carried out here, which lets a request through, or the retry of one."""
    names = rule.when.operation.names
    # Rules about everything are about those, too, and nobody means them
    if (
        len({service for service, _ in names}) > 1
        or names & carried_out()
        or not rule.enabled
        or _answers_always(rule)
        or names <= context.answered
    ):
        return
    (shown, *others) = sorted(name for _, name in names)
    like = " and its like" if others else ""
    message = f"a request gets through to {shown}{like}, which is not carried out here, and ends in UnknownOperationException"
    yield rule.where, message, "only rules can answer it: one without attempt, limit or chance, below this one"


def _answers_always(rule: Rule) -> bool:
    """Whether every request of the rule's operations gets an answer from it, or none at all."""
    when = rule.when
    narrowed = (when.table, when.index, when.key, when.where, when.client, when.region)
    return _is_always_due(rule) and all(one is None for one in narrowed) and not any(map(_lets_through, rule.faults))


def _lets_through(fault: Fault) -> bool:
    """Whether the operation is carried out although the rule fires."""
    decided = (fault.error, fault.response, fault.cancel, fault.refuse, fault.connection)
    return bool(fault.applied) or all(one is None for one in decided) or fault.after is not None or fault.connection == "finish"


def _services(rule: Rule) -> set[str]:
    return {service for service, _ in rule.when.operation.names}


def _answers(service: str, operation: str, error: str) -> bool:
    is_common = error in _COMMON or lookup(error, service).namespace in _COMMON_NAMESPACES
    return is_common or error in load_service(service).operations[operation].errors


def _declaring(error: str) -> str:
    services = sorted(service for service, name in CATALOGUE if name == error)
    names = sorted(
        name for service in services for name, operation in load_service(service).operations.items() if error in operation.errors
    )
    return f"{', '.join(names[:4])}{', ...' if len(names) > 4 else ''} do" if names else "no operation declares it"


def _is_always_due(rule: Rule) -> bool:
    """Whether a rule fires for every request that its `when` is about."""
    when = rule.when
    counted = (when.attempt, when.try_, when.call, when.request, when.idle, when.opened, rule.limit, rule.during, rule.in_)
    is_endless = rule.fault is not None or rule.then in ("stay", "loop")
    return rule.enabled and not rule.continue_ and is_endless and all(one is None for one in counted) and rule.chance in (None, 1)


def _hides(first: Rule, second: Rule) -> bool:
    """Whether `first`, which is always due, takes every request that `second` could."""
    if second.continue_:
        return False
    one, other = first.when, second.when
    within = all(_covers(getattr(one, key), getattr(other, key)) for key in ("table", "index", "region"))
    within = within and all(getattr(one, key) in (None, getattr(other, key)) for key in ("key", "where", "client"))
    return within and other.operation.names <= one.operation.names


def _covers(globs: tuple[str, ...] | None, others: tuple[str, ...] | None) -> bool:
    return globs is None or (others is not None and set(others) <= set(globs))


def _price(rule: Rule, context: LintContext) -> Iterator[Oddity]:
    """How long common SDKs wait for a call whose every attempt this rule answers."""
    if not _is_endless_for_a_call(rule):
        return
    error = rule.faults[0].error
    kinds = {lookup(error, service).retry for service, _ in rule.when.operation.names} if error is not None else {Retry.TRANSIENT}
    if Retry.NO in kinds:
        return
    priced = [PROFILES[name] for name in _PRICED if error not in _NOT_RETRIED_BY.get(name, ())]
    costs = [_cost(profile, Retry.THROTTLING in kinds) for profile in priced if rule.limit is None or rule.limit >= profile.attempts]
    if costs:
        message = f"every attempt meets the rule '{rule.name}': {'; '.join(costs)}"
        yield rule.where, message, "to let a retry through: attempt, limit, or a sequence"


def _is_endless_for_a_call(rule: Rule) -> bool:
    faults = rule.faults
    fails = all(fault.error is not None or fault.connection not in (None, "finish", "hang") or fault.refuse is not None for fault in faults)
    goes_on = rule.fault is not None or rule.then in ("stay", "loop")
    when = rule.when
    if when.idle is not None or when.opened is not None:
        # The next attempt comes on a connection that is in use, or on another one
        return False
    if rule.in_ is not None or (rule.during is not None and rule.during.end is not None):
        # Its time ends, whatever the client does
        return False
    return fails and goes_on and rule.chance in (None, 1) and all(_is_open(one) for one in (when.attempt, when.try_, when.request))


def _is_open(ordinals: Ordinals | None) -> bool:
    """Whether all ordinals from 1 on are in it."""
    return ordinals is None or any(first == 1 and last is None for first, last in ordinals.ranges)


def _cost(profile: RetryProfile, throttling: bool) -> str:
    seconds = profile.longest_call(throttling)
    jitter = profile.throttling_jitter if throttling else profile.jitter
    roughly = "about" if jitter is Jitter.NONE else "up to"
    return f"{_PRICED[profile.name]} tries {profile.attempts} times, {roughly} {seconds:.2g} s"


CONCERNS: tuple[Concern[Rule], ...] = (
    Concern("a rule with `chance: 0`, which never fires", _never),
    Concern("a rule that no request reaches, because one before it fires for every request and takes all of them", _hidden),
    Concern("a table under `when` that the scenario does not define, though it defines one with nearly that name", _misspelt),
    Concern("`index` in a rule none of whose operations reads an index", _no_index),
    Concern("`key` in a rule none of whose operations names items by key", _no_items),
    Concern("an attribute under `key` that is no key attribute of the table, where the scenario defines the table", _no_key_attribute),
    Concern("a response with the status 429, which DynamoDB never sends", _too_many_requests),
    Concern("an error with a status other than the one that the service sends it with", _unusual_status),
    Concern("an error that none of the rule's operations ever answers", _undeclared),
    Concern("a request that a rule lets through to an operation that only rules can answer", _unknown_operation),
    Concern("a failed condition in a transaction that only reads", _no_condition),
    Concern("the price of a rule that every attempt of a call meets: how often common SDKs try, and how long that takes", _price),
)
LIMIT_CONCERNS: tuple[Concern[Limit], ...] = (
    Concern(
        "a throughput limit on a table that the scenario does not define, though it defines one with nearly that name", _limits_no_table
    ),
    Concern("a throughput limit that tables with this billing mode do not have", _other_billing),
    Concern("a throughput limit on an index that the scenario's table does not have", _limits_no_index),
)
