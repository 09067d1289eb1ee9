"""In which order the live service collects constraint violations, and how it prints enums: data only.

The service reports violations in an order of its own, not that of the request or of the model. Observed on the live service
before 2026 and still in force for the operations that keep the older layer; a member that is not named here follows in the
model's order. Index members: those of global indexes come first, whatever the request's order.
"""

from __future__ import annotations

MEMBER_ORDER: dict[str, tuple[str, ...]] = {
    "BatchGetItem": ("ReturnConsumedCapacity", "RequestItems"),
    "BatchWriteItem": ("ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "RequestItems"),
    "CreateTable": (
        "AttributeDefinitions",
        "TableName",
        "BillingMode",
        "ProvisionedThroughput",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
    ),
    "DeleteItem": (
        "ReturnConsumedCapacity",
        "TableName",
        "ReturnValues",
        "ReturnItemCollectionMetrics",
        "Key",
        "ConditionalOperator",
        "Expected",
        "ConditionExpression",
        "ExpressionAttributeValues",
        "ExpressionAttributeNames",
    ),
    "GetItem": (
        "ReturnConsumedCapacity",
        "AttributesToGet",
        "TableName",
        "Key",
        "ConsistentRead",
        "ProjectionExpression",
        "ExpressionAttributeNames",
    ),
    "ListTables": ("Limit", "ExclusiveStartTableName"),
    "PutItem": (
        "ReturnConsumedCapacity",
        "TableName",
        "Item",
        "ConditionalOperator",
        "Expected",
        "ReturnValues",
        "ReturnItemCollectionMetrics",
        "ConditionExpression",
        "ExpressionAttributeValues",
        "ExpressionAttributeNames",
    ),
    "Query": (
        "Select",
        "IndexName",
        "ReturnConsumedCapacity",
        "QueryFilter",
        "TableName",
        "ConditionalOperator",
        "AttributesToGet",
        "Limit",
        "KeyConditions",
        "ExclusiveStartKey",
        "ConsistentRead",
        "ScanIndexForward",
        "KeyConditionExpression",
        "FilterExpression",
        "ProjectionExpression",
        "ExpressionAttributeValues",
        "ExpressionAttributeNames",
    ),
    "Scan": (
        "Select",
        "IndexName",
        "TotalSegments",
        "ReturnConsumedCapacity",
        "TableName",
        "ConditionalOperator",
        "ScanFilter",
        "Segment",
        "Limit",
        "AttributesToGet",
        "ExclusiveStartKey",
        "FilterExpression",
        "ProjectionExpression",
        "ExpressionAttributeValues",
        "ExpressionAttributeNames",
    ),
    "UpdateItem": (
        "ReturnConsumedCapacity",
        "TableName",
        "ReturnItemCollectionMetrics",
        "ReturnValues",
        "Key",
        "ConditionalOperator",
        "Expected",
        "AttributeUpdates",
        "ConditionExpression",
        "UpdateExpression",
        "ExpressionAttributeValues",
        "ExpressionAttributeNames",
    ),
    "UpdateTable": ("TableName", "ProvisionedThroughput", "BillingMode", "GlobalSecondaryIndexUpdates"),
}

# Members of structures below the top, by shape
SHAPE_MEMBER_ORDER: dict[str, tuple[str, ...]] = {
    "AttributeDefinition": ("AttributeName", "AttributeType"),
    "Condition": ("AttributeValueList", "ComparisonOperator"),
    "ExpectedAttributeValue": ("AttributeValueList", "ComparisonOperator", "Exists", "Value"),
    "AttributeValueUpdate": ("Action", "Value"),
    "GlobalSecondaryIndex": ("IndexName", "KeySchema", "Projection", "ProvisionedThroughput"),
    "GlobalSecondaryIndexUpdate": ("Update", "Create", "Delete"),
    "CreateGlobalSecondaryIndexAction": ("Projection", "IndexName", "ProvisionedThroughput", "KeySchema"),
    "KeySchemaElement": ("AttributeName", "KeyType"),
    "KeysAndAttributes": ("Keys", "AttributesToGet", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"),
    "LocalSecondaryIndex": ("IndexName", "KeySchema", "Projection"),
    "Projection": ("ProjectionType", "NonKeyAttributes"),
    "ProvisionedThroughput": ("WriteCapacityUnits", "ReadCapacityUnits"),
    "UpdateGlobalSecondaryIndexAction": ("IndexName", "ProvisionedThroughput"),
}

ENUM_ORDER: dict[str, tuple[str, ...]] = {
    "AttributeAction": ("ADD", "DELETE", "PUT"),
    "BillingMode": ("PROVISIONED", "PAY_PER_REQUEST"),
    "ComparisonOperator": (
        "IN",
        "NULL",
        "BETWEEN",
        "LT",
        "NOT_CONTAINS",
        "EQ",
        "GT",
        "NOT_NULL",
        "NE",
        "LE",
        "BEGINS_WITH",
        "GE",
        "CONTAINS",
    ),
    "ConditionalOperator": ("OR", "AND"),
    "KeyType": ("HASH", "RANGE"),
    "ProjectionType": ("ALL", "INCLUDE", "KEYS_ONLY"),
    "ReturnConsumedCapacity": ("INDEXES", "TOTAL", "NONE"),
    "ReturnItemCollectionMetrics": ("SIZE", "NONE"),
    "ReturnValue": ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    "ScalarAttributeType": ("B", "N", "S"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
}

# In the words of 2026, for the operations that name one constraint at a time; "UPDATE_NEW" is the service's own slip (captures of
# October 2026)
ENUM_ORDER_2026: dict[str, tuple[str, ...]] = {
    "ReturnValue": ("ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATE_NEW", "NONE"),
}

# These say of a table's empty name in the words of 2026, too, what they said before (captures of October 2026)
EMPTY_NAME_AS_BEFORE = frozenset({"UpdateItem"})

# These miss a table's name before anything else and in words of their own
TABLE_NAME_FIRST = frozenset({"CreateTable", "DescribeTable", "DeleteTable", "UpdateTable", "DescribeTimeToLive"})
# Of a name that is too short or too long, CreateTable says what the data plane says (recordings up to October 2026)
NAME_LENGTH_FIRST = TABLE_NAME_FIRST - {"CreateTable"}

# In the classic words an operation misses these itself, and then says so in words of its own, also where they are only empty
EMPTY_LATER = frozenset({("BatchGetItem", "RequestItems"), ("BatchWriteItem", "RequestItems")})

# Upper ends that the model leaves open. A table's and a local index's key has two parts at most (global indexes may have more);
# the limits of the streams' pages stand in the documentation of their parameters.
MAXIMA: dict[tuple[str, str], int] = {
    ("CreateTable", "KeySchema"): 2,
    ("DescribeStream", "Limit"): 100,
    ("GetRecords", "Limit"): 1000,
    ("ListStreams", "Limit"): 100,
    ("LocalSecondaryIndex", "KeySchema"): 2,
}
