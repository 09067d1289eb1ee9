"""The rules that tie key schemas, attribute definitions, indexes and projections together, for CreateTable and UpdateTable.

Parameters come with their types and enums checked; what is refused here takes knowledge of several of them. First failure
wins. Sentences as answered by the live service; those for keys of several attributes as probed by alchemy-run/alchemy#1216.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator.aws.java_order import USUAL, in_hash_order
from emulator.backends.dynamodb import billing_rules
from emulator.backends.dynamodb.definitions import IndexDefinition
from emulator.backends.dynamodb.keys import KeyAttribute, KeySchema
from emulator.backends.dynamodb.limits import GLOBAL_INDEXES, INDEX_KEY_ATTRIBUTES, LOCAL_INDEXES, PROJECTED_ATTRIBUTES
from emulator.backends.dynamodb.refusals import invalid, refusal


def attribute_types(definitions: Sequence[dict[str, str]]) -> dict[str, str]:
    """The types of key attributes by name. Raises ServiceError for two of one name."""
    types: dict[str, str] = {}
    for definition in definitions:
        if definition["AttributeName"] in types:
            # Known from recordings is that it has these two: the word and the name
            raise invalid(f"Duplicate AttributeName in AttributeDefinitions: {definition['AttributeName']}")
        types[definition["AttributeName"]] = definition["AttributeType"]
    return types


def table_key(elements: Sequence[dict[str, str]], types: Mapping[str, str]) -> KeySchema:
    """A table's key schema: a hash attribute, and perhaps a range attribute."""
    _check_order(elements)
    _check_number(elements, types)
    _check_pair(elements)
    _check_defined(elements, types)
    return _schema(elements, types)


def local_index(params: dict[str, Any], types: Mapping[str, str], table: KeySchema) -> IndexDefinition:
    """A local index: the table's hash attribute, and a range attribute of its own."""
    name, elements = params["IndexName"], params["KeySchema"]
    _check_order(elements)
    _check_pair(elements)
    _check_defined(elements, types)
    if len(elements) < 2:
        raise invalid(f"Index KeySchema does not have a range key for index: {name}")
    leading, own = elements[0]["AttributeName"], table.hash[0].name
    if leading != own:
        raise invalid(
            f"Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. "
            f"index hash key: {leading}, table hash key: {own}"
        )
    kind, included = projection(params["Projection"])
    return IndexDefinition(name, _schema(elements, types), kind, included, is_global=False)


def global_key(elements: Sequence[dict[str, str]], types: Mapping[str, str]) -> KeySchema:
    """A global index's key schema: up to four hash attributes, then up to four range attributes."""
    _check_order(elements)
    _check_unique(elements)
    for kind in ("HASH", "RANGE"):
        if sum(element["KeyType"] == kind for element in elements) > INDEX_KEY_ATTRIBUTES:
            raise refusal(f"Invalid KeySchema: The KeySchema exceeds the maximum allowed number of {kind} key attributes")
    _check_number(elements, types)
    _check_defined(elements, types)
    return _schema(elements, types)


def global_index(params: dict[str, Any], types: Mapping[str, str], billing: str) -> IndexDefinition:
    """A global index with its throughput, on a table of that billing mode."""
    key = global_key(params["KeySchema"], types)
    kind, included = projection(params["Projection"])
    return IndexDefinition(
        params["IndexName"],
        key,
        kind,
        included,
        is_global=True,
        throughput=billing_rules.index_throughput(params, billing),
        on_demand=billing_rules.with_maxima(None, billing_rules.on_demand_throughput(params, billing)),
        warm=billing_rules.warm_throughput(params),
    )


def check_index_counts(indexes: Sequence[IndexDefinition]) -> None:
    """Names, numbers, and the projected attributes of all indexes together."""
    seen = set()
    for index in indexes:
        if index.name in seen:
            raise invalid(f"Duplicate index name: {index.name}")
        seen.add(index.name)
    if sum(not index.is_global for index in indexes) > LOCAL_INDEXES:
        raise invalid(f"Number of LocalSecondaryIndexes exceeds per-table limit of {LOCAL_INDEXES}")
    if sum(index.is_global for index in indexes) > GLOBAL_INDEXES:
        raise invalid(f"GlobalSecondaryIndex count exceeds the per-table limit of {GLOBAL_INDEXES}")
    if sum(len(index.included) for index in indexes) > PROJECTED_ATTRIBUTES:
        # The rule is documented; the sentence has not been seen
        raise invalid(f"Number of NonKeyAttributes over all indexes exceeds per-table limit of {PROJECTED_ATTRIBUTES}")


def check_all_used(types: Mapping[str, str], table: KeySchema, indexes: Iterable[IndexDefinition]) -> None:
    """Every defined attribute must be part of some key."""
    used = dict.fromkeys(table.names)
    indexed = False
    for index in indexes:
        indexed = True
        used.update(dict.fromkeys(index.key.names))
    if used.keys() == types.keys():
        return
    if indexed:
        # In the order of hash tables of two sizes: aws-samples/aws-batch-processing-job-repo#4 shows both
        defined, keys = ", ".join(in_hash_order(types)), ", ".join(in_hash_order(used, smallest=USUAL))
        raise invalid(f"Some AttributeDefinitions are not used. AttributeDefinitions: [{defined}], keys used: [{keys}]")
    raise invalid("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")


def _check_order(elements: Sequence[dict[str, str]]) -> None:
    if elements[0]["KeyType"] != "HASH":
        raise refusal("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    kinds = [element["KeyType"] for element in elements]
    if len(kinds) > 2 and kinds != sorted(kinds):  # HASH sorts before RANGE
        raise refusal("Invalid KeySchema: All HASH key attributes must precede RANGE key attributes in the KeySchema")


def _check_pair(elements: Sequence[dict[str, str]]) -> None:
    """A table's or local index's schema. With one attribute each, the classic sentences apply."""
    if len(elements) > 1 and elements[1]["KeyType"] != "RANGE":
        raise refusal("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    if len(elements) > 2:
        raise refusal("Invalid KeySchema: The KeySchema exceeds the maximum allowed number of RANGE key attributes")
    _check_unique(elements)


def _check_unique(elements: Sequence[dict[str, str]]) -> None:
    if len({element["AttributeName"] for element in elements}) != len(elements):
        raise refusal("Both the Hash Key and the Range Key element in the KeySchema have the same name")


def _check_number(elements: Sequence[dict[str, str]], types: Mapping[str, str]) -> None:
    # Too few definitions have a sentence of their own (aws-cloudformation/cfn-lint#1037 for tables, alexdebrie/dynamodbguide.com#16
    # for indexes); a wrong one among enough of them has that of `_check_defined`
    if len(elements) > len(types):
        raise refusal("Invalid KeySchema: Some index key attribute have no definition")


def _check_defined(elements: Sequence[dict[str, str]], types: Mapping[str, str]) -> None:
    names = [element["AttributeName"] for element in elements]
    if not types.keys() >= set(names):
        raise invalid(
            f"Some index key attributes are not defined in AttributeDefinitions. Keys: [{', '.join(in_hash_order(names))}], "
            f"AttributeDefinitions: [{', '.join(in_hash_order(types))}]"
        )


def _schema(elements: Sequence[dict[str, str]], types: Mapping[str, str]) -> KeySchema:
    attributes = {"HASH": [], "RANGE": []}  # type: dict[str, list[KeyAttribute]]
    for element in elements:
        name = element["AttributeName"]
        attributes[element["KeyType"]].append(KeyAttribute(name, types[name]))
    return KeySchema(tuple(attributes["HASH"]), tuple(attributes["RANGE"]))


def projection(params: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The kind of a projection, and the attributes that it includes. Raises ServiceError (ValidationException)."""
    kind = params.get("ProjectionType")
    names: Sequence[str] = params.get("NonKeyAttributes") or ()
    if kind is None:
        raise invalid("Unknown ProjectionType: null")
    if kind == "INCLUDE" and not names:
        raise invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and names:
        raise invalid(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        # Recordings up to October 2026 show that it is refused, and not in which words
        raise invalid(f"Duplicate attribute name in NonKeyAttributes: {twice}")
    return kind, tuple(names)
