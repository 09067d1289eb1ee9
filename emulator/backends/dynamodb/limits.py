"""The service's quotas that the engine enforces, as numbers.

Developer Guide, "Quotas in Amazon DynamoDB"; those of single parameters stand in the service model and are checked by `wire`.
"""

from __future__ import annotations

ITEM_BYTES = 400 * 1024  # the last size that is accepted
HASH_KEY_BYTES = 2048
RANGE_KEY_BYTES = 1024  # of all range keys together

PAGE_BYTES = 1024 * 1024  # Query and Scan, before the filter
BATCH_KEYS = 100
BATCH_GET_BYTES = 16 * 1024 * 1024
BATCH_WRITES = 25
TRANSACTION_BYTES = 4 * 1024 * 1024
TOKEN_SECONDS = 600  # for how long after its end a transaction is remembered by its token

READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024

STREAM_RECORDS = 1000  # of one GetRecords
STREAM_PAGE_BYTES = 1024 * 1024

TAGS = 50  # per table
POLICY_BYTES = 20 * 1024  # white space not counted
TABLES = 2500  # per account and region
TABLES_IN_TRANSITION = 500
RESTORES = 50  # at once, per account and region
LOCAL_INDEXES = 5
GLOBAL_INDEXES = 20
INDEX_KEY_ATTRIBUTES = 4  # hash attributes, and as many range attributes, of a global index
PROJECTED_ATTRIBUTES = 100  # over all indexes of a table
CAPACITY_UNITS = 1_000_000_000_000  # beyond it the service calls the number itself out of bounds
