"""The explored programs, and what is to be found in each: the operation and the table at fault, and what comes of it."""

from __future__ import annotations

from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
TABLES = PROGRAMS / "tables.yaml"

# The flaw of each program: the beginning of a point, the outcome, and words of the sentence
FLAWS: dict[str, tuple[str, str, str]] = {
    "doubled_counter": ("UpdateItem stats", "doubled", "repeated without a condition"),
    "lost_batch_rest": ("BatchWriteItem payments", "lost", "come back unprocessed are not done"),
    "swallowed_throttle": ("PutItem payments", "lost", "the error is swallowed"),
    "stale_stock": ("GetItem stock", "wrong data", "answered with old data, is believed"),
    "dropped_page": ("Scan orders", "wrong data", "answered with an empty page, is taken for all there is"),
    "new_token": ("TransactWriteItems stock", "doubled", "repeated with a new token"),
    "half_finished": ("PutItem payments", "lost", "run again"),
    "endless_leftovers": ("BatchWriteItem payments", "hung", "does not end by itself"),
    "error_as_not_found": ("GetItem users", "wrong data", "the error is taken for an answer"),
    "iterator_not_renewed": ("GetRecords", "wrong data", "whose iterator has expired"),
    "retried_condition": ("PutItem stock", "doubled", "fails its condition when it is repeated, and is done once more"),
    "own_write_mistaken": ("PutItem users", "gave up", "its own write is taken for another's"),
}
CORRECT = ("good_batch", "good_counter", "good_report", "good_stream", "good_transfer", "good_two_tables")

# Of the same kind, for Node.js; without a flaw: None
JAVASCRIPT: dict[str, tuple[str, str, str] | None] = {
    "doubled_counter": ("UpdateItem stats", "doubled", "repeated without a condition"),
    "swallowed_errors": ("PutItem payments", "lost", "the error is swallowed"),
    "good_orders": None,
}
