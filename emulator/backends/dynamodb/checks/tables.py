"""The checks of operations on tables, in their order. Data only."""

from __future__ import annotations

from emulator.backends.dynamodb.checks.check import Check, Order
from emulator.backends.dynamodb.checks.examples import MISSING_TABLE, attributes, keys

_NAME = Check(
    "request",
    "the name has a length that names have",
    {"TableName": "ab"},
    "TableName must be at least 3 characters long and at most 255 characters long",
)
_NO_TABLE = Check(
    "table",
    "the table exists",
    {"TableName": MISSING_TABLE},
    f"Requested resource not found: Table: {MISSING_TABLE} not found",
    "ResourceNotFoundException",
)
_ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"
_MISSING_ARN = f"arn:aws:dynamodb:eu-west-1:000000000000:table/{MISSING_TABLE}"
_OWN_ARN = (
    Check("request", "the resource is named by an ARN", {"ResourceArn": "orders"}, "ARNs must start with 'arn:'"),
    Check(
        "request",
        "and by one of the caller's account",
        {"ResourceArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"},
        "is not authorized to perform: dynamodb:",
        "AccessDeniedException",
    ),
)
_NO_RESOURCE = Check(
    "table",
    "the table exists",
    {"ResourceArn": _MISSING_ARN},
    "Requested resource not found: ResourcArn: ",
    "ResourceNotFoundException",
)

ORDER: dict[str, Order] = {
    "CreateTable": Order(
        {
            "TableName": "new",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes("pk"),
            "KeySchema": keys("pk"),
        },
        (
            Check(
                "request", "what the model says of members, names of tables first of all", {"TableName": "ab"}, "greater than or equal to 3"
            ),
            Check(
                "request",
                "the throughput goes with the billing mode",
                {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
                "can be specified when BillingMode is PAY_PER_REQUEST",
            ),
            Check(
                "request",
                "no attribute is defined twice",
                {"AttributeDefinitions": [*attributes("pk"), *attributes("pk")]},
                "Duplicate AttributeName in AttributeDefinitions: pk",
            ),
            Check(
                "request",
                "the key schema is one, and its attributes are defined",
                {"KeySchema": [{"AttributeName": "pk", "KeyType": "RANGE"}]},
                "The first KeySchemaElement is not a HASH key type",
            ),
            Check("request", "so are those of local indexes", {"LocalSecondaryIndexes": []}, "List of LocalSecondaryIndexes is empty"),
            Check("request", "and those of global indexes", {"GlobalSecondaryIndexes": []}, "List of GlobalSecondaryIndexes is empty"),
            Check(
                "request",
                "the stream is what it says",
                {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}},
                "UpdateViewType should not be specified",
            ),
            Check("request", "tags hold what tags may hold", {"Tags": [{"Key": "a!", "Value": ""}]}, "Tag key has characters"),
            Check("request", "the policy is one", {"ResourcePolicy": "no JSON"}, "The resource policy is not a valid policy document"),
            Check(
                "table", "there is no table of that name", {"TableName": "orders"}, "Table already exists: orders", "ResourceInUseException"
            ),
        ),
    ),
    "DescribeTable": Order({"TableName": "orders"}, (_NAME, _NO_TABLE)),
    "DeleteTable": Order({"TableName": "orders"}, (_NAME, _NO_TABLE)),
    "UpdateTimeToLive": Order(
        {"TableName": "orders", "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True}},
        (
            Check(
                "request",
                "what the model says of members",
                {"TimeToLiveSpecification": {"AttributeName": "", "Enabled": True}},
                "'timeToLiveSpecification.attributeName' failed to satisfy constraint",
            ),
            _NO_TABLE,
            Check(
                "table",
                "there is something to change",
                {"TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": False}},
                "TimeToLive is already disabled",
            ),
        ),
    ),
    "UntagResource": Order(
        {"ResourceArn": _ARN, "TagKeys": ["a"]},
        (
            *_OWN_ARN,
            Check("request", "there are keys", {"TagKeys": []}, "Atleast one Tag Key needs to be provided as Input."),
            Check("table", "the table exists", {"ResourceArn": _MISSING_ARN}, "Requested resource not found", "ResourceNotFoundException"),
        ),
    ),
    "ListTagsOfResource": Order({"ResourceArn": _ARN}, (*_OWN_ARN, _NO_RESOURCE)),
    "PutResourcePolicy": Order(
        {"ResourceArn": _ARN, "Policy": '{"Statement": []}'},
        (
            Check("request", "the policy is one", {"Policy": "no JSON"}, "The resource policy is not a valid policy document"),
            *_OWN_ARN,
            Check(
                "table",
                "the table exists",
                {"ResourceArn": _MISSING_ARN},
                f"Requested resource not found: Table: {MISSING_TABLE} not found",
                "ResourceNotFoundException",
            ),
            Check(
                "table",
                "the policy that there is is the expected one",
                {"ExpectedRevisionId": "1"},
                "Resource-based policy not found",
                "PolicyNotFoundException",
            ),
        ),
    ),
    "UpdateTable": Order(
        {"TableName": "orders", "BillingMode": "PAY_PER_REQUEST"},
        (
            _NAME,
            Check("request", "what the model says of members", {"BillingMode": "x"}, "enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
            Check(
                "request",
                "numbers are within bounds",
                {"ProvisionedThroughput": {"ReadCapacityUnits": 10**13, "WriteCapacityUnits": 1}},
                "Given value 10000000000000 for ReadCapacityUnits is out of bounds",
            ),
            Check(
                "request",
                "each index is changed in one way",
                {"GlobalSecondaryIndexUpdates": [{}, {"Delete": {"IndexName": "one"}}, {"Delete": {"IndexName": "two"}}]},
                "must not be null",
            ),
            Check(
                "request",
                "each attribute is defined once, and projected once",
                {"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": kind} for kind in "SN"]},
                "Duplicate AttributeName in AttributeDefinitions: a",
            ),
            Check(
                "request",
                "one index is made or deleted at a time",
                {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "one"}}, {"Delete": {"IndexName": "two"}}]},
                "Only 1 online index can be created or deleted simultaneously per table",
                "LimitExceededException",
            ),
            _NO_TABLE,
            Check(
                "schema",
                "the indexes exist",
                {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "gone"}}]},
                "Requested resource not found",
                "ResourceNotFoundException",
            ),
        ),
    ),
    "TagResource": Order(
        {"ResourceArn": _ARN, "Tags": [{"Key": "a", "Value": "b"}]},
        (
            *_OWN_ARN,
            Check("request", "there are tags", {"Tags": []}, "Atleast one Tag needs to be provided as Input."),
            Check("request", "tags hold what tags may hold", {"Tags": [{"Key": "a!", "Value": ""}]}, "Tag key has characters"),
            _NO_RESOURCE,
        ),
    ),
}
