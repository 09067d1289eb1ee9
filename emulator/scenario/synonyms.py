"""Words of other tools, and what this language has for them.

Taken from WireMock, Toxiproxy, MockServer, nock, LocalStack's chaos API and AWS FIS, by their documentation; and from what people type."""

from __future__ import annotations

_WHEN = "'when' says which requests: when: {operation: GetItem, table: orders}"
_COUNT = "'when: {attempt: 1..2}' is the first two attempts of each call, 'limit: 2' the first two requests that the rule hits"
_CHANCE = "'chance: 0.1' is one request in ten, the same ones on every run with the same seed"
_DELAY = "'fault: {delay: 200ms}' holds the answer back; add connection or error for what comes then"
_HANG = "'fault: {connection: hang}' gives no answer until the client gives up; 'for: 2s' ends it"
_RESET = "'fault: {connection: reset}' ends the connection with RST"
_ERROR = "'fault: ThrottlingException' answers that error; 'dynafault explain errors' lists them"
_FAULT = "'fault' says what happens: fault: ThrottlingException, or fault: {error: ..., delay: 200ms}"
_STATUS = "'status' goes with an error: fault: {error: InternalServerError, status: 503}"
_OPERATION = "'when: {operation: GetItem}' is the operation by AWS's name"
_TABLE = "'when: {table: orders}' is the table by its name"
_EXPECT = "'expect' says what must have been true: expect: [{calls: {operation: PutItem}, outcome: success}]"
_DURING = "'during: 10s..20s' is a stretch of the scenario's time; 'phases' name such stretches"
_DRIP = "'fault: {drip: 8kB/s}' sends the answer slowly"
_LOST = "'fault: {connection: reset, applied: true}' carries the write out and loses the answer"
_BATCH = "'fault: {unprocessed: ...}' gives entries of a batch back undone"
_BACKOFF = "'expect: [{calls: {...}, backoff: {grows: true, jitter: true}}]' judges the waits, and so do V9 to V13"

OTHER_WORDS: dict[str, str] = {
    **dict.fromkeys(("if", "match", "matches", "matcher", "condition", "conditions", "filter", "filters", "where_", "selector"), _WHEN),
    **dict.fromkeys(("count", "times", "max", "repeat", "hits", "occurrences", "first", "nth", "every"), _COUNT),
    **dict.fromkeys(("probability", "rate", "percentage", "percent", "ratio", "toxicity", "odds", "error_rate"), _CHANCE),
    **dict.fromkeys(("latency", "wait", "sleep", "delay_ms", "delayms", "fixeddelaymilliseconds", "lag", "slow"), _DELAY),
    **dict.fromkeys(("hang", "timeout", "time_out", "time-out", "blackhole", "stall", "no_response"), _HANG),
    **dict.fromkeys(("rst", "reset_peer", "disconnect", "connection_reset", "econnreset", "peer"), _RESET),
    **dict.fromkeys(("exception", "throw", "throws", "raise", "raises", "fail", "failure", "errors", "error_code", "errorcode"), _ERROR),
    **dict.fromkeys(("action", "effect", "inject", "injection", "toxic", "do", "respond", "faults", "type"), _FAULT),
    **dict.fromkeys(("code", "status_code", "statuscode", "http_status"), _STATUS),
    **dict.fromkeys(("op", "api", "method", "operations", "command", "action_name"), _OPERATION),
    **dict.fromkeys(("table_name", "tablename", "resource", "target"), _TABLE),
    **dict.fromkeys(("assert", "assertions", "verify", "expectations", "expects", "should", "then_expect"), _EXPECT),
    **dict.fromkeys(("duration", "start", "end", "from", "until", "schedule", "window"), _DURING),
    **dict.fromkeys(("bandwidth", "slicer", "trickle", "speed"), _DRIP),
    **dict.fromkeys(("lost_ack", "lost ack", "lost acknowledgement", "lost_acknowledgement", "ack"), _LOST),
    **dict.fromkeys(("unprocessed_items", "unprocesseditems", "partial", "partial_batch"), _BATCH),
    **dict.fromkeys(("retry", "retries", "back-off", "exponential"), _BACKOFF),
}


def in_our_words(word: str) -> str:
    """What the language has for a word of another tool, "" where nothing is known."""
    return OTHER_WORDS.get(word.strip().lower(), "")
