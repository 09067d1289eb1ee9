"""What a client could read of an answer: success, throttling, a lost connection ... as an SDK takes it.

The journal says what the emulator meant; here the answer's own bytes count, since a scenario may have changed them. Classes are those of
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: the error's code first, the status second.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from enum import Enum
from typing import NamedTuple
from zlib import crc32

import orjson

from dynafault_dataclass import dataclass
from emulator.aws.errors import CATALOGUE, Retry
from emulator.journal import Exchange
from emulator.messages import EVERYTHING
from emulator.sdks.retry_profiles import MILLISECONDS_HINT, SECONDS_HINT
from emulator.wire.answer import ServiceReply
from emulator.wire.compression import plain_answer


class ResponseClass(Enum):
    """The classes of answers. ODD: a redirect, 413 and the like, which no error of the service explains."""

    SUCCESS = "success"
    CORRUPT = "corrupt"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    LOST = "lost"
    REFUSED = "refused"
    ODD = "odd"
    PENDING = "pending"


RETRYABLE = frozenset({ResponseClass.THROTTLED, ResponseClass.TRANSIENT, ResponseClass.LOST})
TRANSIENT_STATUS = frozenset({500, 502, 503, 504})
# Of the guide's list, what the catalogue of this service does not have
_OTHER_THROTTLING = frozenset(
    (
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "TooManyRequestsException",
    )
)
_OTHER_TRANSIENT = frozenset(("IDPCommunicationError", "InternalError", "RequestTimeout", "RequestTimeoutException"))
_THROTTLING = _OTHER_THROTTLING | {name for (_, name), spec in CATALOGUE.items() if spec.retry is Retry.THROTTLING}
# The only error of the model that is retryable without a 5xx
_TRANSIENT = _OTHER_TRANSIENT | {"ReplicatedWriteConflictException"}
# A success of these has no body at all
_WITHOUT_OUTPUT = frozenset(("TagResource", "UntagResource"))
_KNOWN = _THROTTLING | _TRANSIENT | {name for _, name in CATALOGUE}


@dataclass(frozen=True, slots=True)
class ClientOutcome:
    """What a client could read. `error` is the error's name, or its status where it has none, or what became of the connection; "" for
    success. `is_known`: it is an error that the service, or the SDKs' guide, has. `crc_wrong`: the checksum does not fit the body."""

    outcome: ResponseClass
    error: str = ""
    status: int = 200
    is_known: bool = True
    crc_wrong: bool = False

    @property
    def may_be_retried(self) -> bool:
        """Whether some clients, if not all, try again after it."""
        return self.outcome in RETRYABLE or self.outcome is ResponseClass.CORRUPT


_SUCCESS = ClientOutcome(ResponseClass.SUCCESS)
_PENDING = ClientOutcome(ResponseClass.PENDING)


def classify_response(entry: Exchange) -> ClientOutcome:
    """What the client of an exchange could read."""
    how = entry.delivery.how
    # An answer without a plan is on its way: its client may have read it before the server notes that
    if how == "pending" and entry.plan is not None:
        return _PENDING
    if how not in ("sent", "pending"):
        if not _came_whole(entry) or (_promises_more(entry) and _json(entry.reply.body) is None):
            return ClientOutcome(ResponseClass.LOST, f"connection {how}", 0)
        if _promises_more(entry):
            # Java's SDK reads no further than the JSON goes, and misses nothing; for others the connection is lost. Neither is wrong
            return ClientOutcome(ResponseClass.CORRUPT, "short answer", entry.reply.status)
    if not _is_edited(entry):
        return _SUCCESS if not entry.error else _refusal(entry.error, entry.reply.status, crc_wrong=False)
    body = entry.reply.body
    if entry.reply.status >= 300 and body.startswith(b"{") and type(entry.reply) is ServiceReply and entry.reply.is_plain:
        return _refusal(_named({}, body), entry.reply.status, crc_wrong=False)
    headers = {name.lower(): value for name, value in entry.reply.headers}
    claimed = headers.get("x-amz-crc32")
    crc_wrong = claimed is not None and claimed != str(crc32(body))
    if entry.reply.status >= 300:
        return _refusal(_named(headers, plain_answer(entry.reply)) or _named_in_cbor(entry, headers), entry.reply.status, crc_wrong)
    if crc_wrong or not _is_sound(entry, headers):
        return ClientOutcome(
            ResponseClass.CORRUPT, "wrong checksum" if crc_wrong else "corrupt answer", entry.reply.status, crc_wrong=crc_wrong
        )
    return _SUCCESS


def _is_edited(entry: Exchange) -> bool:
    """Whether an answer may be another than the journal's own words say: a scenario has changed it, or an upstream's was none."""
    return bool(entry.fault) or (entry.upstream is not None and entry.upstream.how != "answered")


class RetryHint(NamedTuple):
    """The wait that an answer asks for, in seconds, and the header by which it does."""

    header: str
    seconds: float


def retry_hint(entry: Exchange) -> RetryHint | None:
    """What the header `x-amz-retry-after` asks for, or else `Retry-After`; None where there is neither, or none that counts."""
    if not entry.fault and entry.upstream is None:
        return None
    headers = {name.lower(): value for name, value in entry.reply.headers}
    text = headers.get(MILLISECONDS_HINT, "")
    if text.isdecimal() and len(text) < 10:
        return RetryHint(MILLISECONDS_HINT, int(text) / 1000)
    text = headers.get(SECONDS_HINT, "")
    if text.isdecimal() and len(text) < 7:
        return RetryHint(SECONDS_HINT, float(text))
    try:
        return RetryHint(SECONDS_HINT, max(0.0, parsedate_to_datetime(text).timestamp() - entry.time)) if text else None
    except ValueError:
        return None


def message_of(entry: Exchange) -> str:
    """The text of an error's answer, "" where it has none."""
    body = _json(plain_answer(entry.reply))
    return str(body.get("message") or body.get("Message") or "") if isinstance(body, dict) else ""


def _came_whole(entry: Exchange) -> bool:
    """Whether the connection closed only after all of the body, as with `after: 100%`."""
    return entry.delivery.how == "closed" and entry.plan is not None and entry.plan.portion == EVERYTHING


def _promises_more(entry: Exchange) -> bool:
    promised = next((value for name, value in entry.reply.headers if name.lower() == "content-length"), "")
    return promised.isdecimal() and len(promised) < 10 and int(promised) > len(entry.reply.body)


def _refusal(error: str, status: int, crc_wrong: bool) -> ClientOutcome:
    if error in _THROTTLING:
        outcome = ResponseClass.THROTTLED
    elif error in _TRANSIENT or status in TRANSIENT_STATUS:
        outcome = ResponseClass.TRANSIENT
    elif status < 400 or status == 413:
        outcome = ResponseClass.ODD
    else:
        outcome = ResponseClass.REFUSED
    return ClientOutcome(outcome, error or str(status), status, error in _KNOWN, crc_wrong)


def _named(headers: dict[str, str], body: bytes) -> str:
    """The error's code as most SDKs look for it: the header, then `__type`, then `code`."""
    content = _json(body)
    code = headers.get("x-amzn-errortype")
    if code is None and isinstance(content, dict):
        code = content.get("__type") or content.get("code")
    return str(code or "").rpartition("#")[2].partition(":")[0]


def _named_in_cbor(entry: Exchange, headers: dict[str, str]) -> str:
    """The error that was encoded, where its bytes are no JSON but the service's own."""
    is_own = "cbor" in headers.get("content-type", "") and "response" not in entry.fault
    return entry.error if is_own else ""


def _is_sound(entry: Exchange, headers: dict[str, str]) -> bool:
    """Whether a client can make something of a successful answer."""
    if "content-encoding" in headers:
        return False
    if "cbor" in entry.request.headers.get("content-type", ""):
        return True
    if not entry.reply.body and entry.operation in _WITHOUT_OUTPUT:
        return True
    content = _json(entry.reply.body)
    return isinstance(content, dict) and "__type" not in content


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
