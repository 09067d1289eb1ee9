"""AWS JSON 1.0: what is answered before any operation is asked, byte for byte, and how answers are dressed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from email.utils import formatdate

import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.aws.errors import ServiceError
from emulator.clock import ManualClock
from emulator.messages import Call, HttpReply, HttpRequest
from emulator.wire import MAX_BODY, Codec

Make = Callable[..., HttpRequest]
Answer = Callable[[HttpRequest], HttpReply]
GET_ITEM = {"TableName": "orders", "Key": {"pk": {"S": "a"}}}


def header(reply: HttpReply, name: str) -> str:
    return dict(reply.headers)[name]


def test_a_good_request_becomes_a_call(codec: Codec, make_request: Make) -> None:
    call = codec.decode(make_request("GetItem", GET_ITEM, amz_sdk_invocation_id="id-1"))
    assert isinstance(call, Call)
    assert (call.service, call.operation, call.tables, call.params) == ("dynamodb", "GetItem", ("orders",), GET_ITEM)
    assert (call.region, call.access_key, call.invocation) == ("eu-west-1", "AKID", "id-1")


def test_php_s_invocation_id_counts_too(codec: Codec, make_request: Make) -> None:
    call = codec.decode(make_request("GetItem", GET_ITEM, aws_sdk_invocation_id="php-1"))
    assert isinstance(call, Call)
    assert call.invocation == "php-1"


def test_unknown_members_and_nulls_are_dropped(codec: Codec, make_request: Make) -> None:
    call = codec.decode(make_request("GetItem", {**GET_ITEM, "Nonsense": 1, "ProjectionExpression": None}))
    assert isinstance(call, Call)
    assert call.params == GET_ITEM


# Checksums of the live service's answers to these requests
@pytest.mark.parametrize(
    ("changes", "body", "status", "checksum"),
    [
        ({"x_amz_target": None}, {}, 400, 1368724161),
        ({"x_amz_target": "DynamoDB_20120810.Nonsense"}, {}, 400, 1368724161),
        ({"x_amz_target": "DynamoDB_20111205.GetItem"}, {}, 400, 1368724161),
        ({}, b"{", 400, 3948637019),
        ({}, b"", 400, 3948637019),
        ({}, b"[]", 400, 3948637019),
        ({}, b"null", 400, 3948637019),
        ({"authorization": None}, {}, 400, 2088342776),
        ({"authorization": "Basic abc"}, {}, 400, 2088342776),
        ({"content_type": None}, {}, 404, 3552371480),
        ({"content_type": "application/x-amz-json-1.1"}, {}, 404, 3552371480),
        ({"method": "PUT"}, {}, 404, 3552371480),
        ({"method": "OPTIONS"}, {}, 404, 3552371480),
        ({"method": "GET", "target": "/nonsense"}, {}, 404, 3552371480),
    ],
)
def test_what_is_no_call_is_refused_byte_for_byte(
    make_request: Make, answer: Answer, changes: dict[str, str | None], body: object, status: int, checksum: int
) -> None:
    reply = answer(make_request("GetItem", body, **changes))
    assert (reply.status, zlib.crc32(reply.body)) == (status, checksum)
    assert header(reply, "x-amz-crc32") == str(checksum)


def test_get_says_that_the_service_is_well(make_request: Make, answer: Answer) -> None:
    reply = answer(make_request(method="GET"))
    assert (reply.status, reply.body) == (200, b"healthy: dynamodb.us-east-1.amazonaws.com ")


def test_broken_json_comes_before_a_missing_target_and_that_before_a_missing_signature(make_request: Make, answer: Answer) -> None:
    broken = answer(make_request(body=b"{", x_amz_target=None, authorization=None))
    assert b"SerializationException" in broken.body
    unsigned = answer(make_request(x_amz_target=None, authorization=None))
    assert b"UnknownOperationException" in unsigned.body


def test_answers_are_dressed_as_the_service_s(codec: Codec, make_request: Make) -> None:
    reply = codec.encode(make_request(), {"Item": {"pk": {"S": "a"}}})
    names = [name for name, _ in reply.headers]
    assert names == ["Server", "Date", "Content-Type", "Content-Length", "Connection", "x-amzn-RequestId", "x-amz-crc32"]
    assert header(reply, "Date") == formatdate(ManualClock().machine(), usegmt=True)
    assert header(reply, "Content-Type") == "application/x-amz-json-1.0"
    assert header(reply, "Content-Length") == str(len(reply.body))
    assert header(reply, "x-amz-crc32") == str(zlib.crc32(reply.body))
    request_id = header(reply, "x-amzn-RequestId")
    assert len(request_id) == 52
    assert request_id.isalnum()
    assert request_id.isupper()


def test_request_ids_differ_and_repeat_with_the_seed(make_request: Make) -> None:
    def ids(seed: int) -> list[str]:
        codec = Codec(ManualClock(), seed=seed)
        return [header(codec.encode(make_request(), {}), "x-amzn-RequestId") for _ in range(5)]

    assert len(set(ids(1))) == 5
    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


def test_who_asks_in_plain_json_is_answered_in_plain_json(codec: Codec, make_request: Make) -> None:
    request = make_request("GetItem", GET_ITEM, content_type="application/json; charset=utf-8")
    assert isinstance(codec.decode(request), Call)
    assert header(codec.encode(request, {}), "Content-Type") == "application/json"


def test_success_without_a_body_is_empty(codec: Codec, make_request: Make) -> None:
    assert codec.encode(make_request("TagResource"), None).body == b""


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (
            ServiceError("ResourceNotFoundException"),
            400,
            {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "Requested resource not found"},
        ),
        (
            ServiceError("TransactionCanceledException", "no", CancellationReasons=[{"Code": "None"}]),
            400,
            {
                "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "CancellationReasons": [{"Code": "None"}],
                "Message": "no",
            },
        ),
        (
            ServiceError("InternalServerError"),
            500,
            {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "Internal server error"},
        ),
        (ServiceError("SerializationException"), 400, {"__type": "com.amazon.coral.service#SerializationException"}),
        (ServiceError("SerializationException", "x"), 400, {"__type": "com.amazon.coral.service#SerializationException", "Message": "x"}),
        (ServiceError("ValidationException", "x"), 400, {"__type": "com.amazon.coral.validate#ValidationException", "message": "x"}),
    ],
)
def test_errors_have_their_own_type_and_spelling(
    codec: Codec, make_request: Make, error: ServiceError, status: int, body: dict[str, object]
) -> None:
    reply = codec.encode_error(make_request(), error)
    assert reply.status == status
    assert orjson.loads(reply.body) == body
    assert header(reply, "x-amz-crc32") == str(zlib.crc32(reply.body))


def test_an_unavailable_service_answers_in_html(codec: Codec, make_request: Make) -> None:
    reply = codec.encode_error(make_request(), ServiceError("ServiceUnavailable"))
    assert reply.status == 503
    assert reply.body.startswith(b"<html>")
    assert header(reply, "Content-Type") == "text/html"


def test_gzipped_requests_of_several_members_are_understood(codec: Codec, make_request: Make) -> None:
    text = orjson.dumps(GET_ITEM)
    body = gzip.compress(text[:10]) + gzip.compress(text[10:])
    call = codec.decode(make_request("GetItem", body, content_encoding="gzip"))
    assert isinstance(call, Call)
    assert call.params == GET_ITEM


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_what_cannot_be_unpacked_is_a_failure_of_the_server(make_request: Make, answer: Answer, encoding: str) -> None:
    assert answer(make_request("GetItem", b"no gzip", content_encoding=encoding)).status == 500


def test_a_gzip_bomb_is_not_unpacked(make_request: Make, answer: Answer) -> None:
    bomb = gzip.compress(b" " * (MAX_BODY * 4))
    assert len(bomb) < 100_000
    assert answer(make_request("GetItem", bomb, content_encoding="gzip")).status == 500


def test_a_body_above_the_limit_is_too_large(make_request: Make, answer: Answer) -> None:
    assert answer(make_request("GetItem", b" " * (MAX_BODY + 1))).status == 413


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip", "gzip"),
        ("deflate, gzip;q=0.5", "deflate"),
        ("deflate;q=0.2, gzip;q=0.5", "gzip"),
        ("deflate, gzip", "deflate"),
        ("gzip;q=0, deflate", "deflate"),
        ("*", "gzip"),
        ("identity, br, deflate;q=0.1", "deflate"),
    ],
)
def test_long_answers_are_compressed_on_request_and_summed_as_sent(codec: Codec, make_request: Make, accepted: str, chosen: str) -> None:
    output = {"Item": {"pk": {"S": "a" * 5000}}}
    reply = codec.encode(make_request(accept_encoding=accepted), output)
    encoding = header(reply, "Content-Encoding")
    plain = gzip.decompress(reply.body) if encoding == "gzip" else zlib.decompress(reply.body)
    assert encoding == chosen
    assert orjson.loads(plain) == output
    assert header(reply, "x-amz-crc32") == str(zlib.crc32(reply.body))


@pytest.mark.parametrize("accepted", ["gzip;q=0", "identity", "br;q=1", "gzip;q=0.0, *;q=0", ""])
def test_what_is_not_wanted_is_not_packed(codec: Codec, make_request: Make, accepted: str) -> None:
    assert "Content-Encoding" not in dict(codec.encode(make_request(accept_encoding=accepted), {"a": "b" * 9000}).headers)


def test_bodies_may_be_deflated(codec: Codec, make_request: Make, answer: Answer) -> None:
    plain = orjson.dumps(GET_ITEM)
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    for body in (zlib.compress(plain), raw.compress(plain) + raw.flush()):
        call = codec.decode(make_request("GetItem", body, content_encoding="deflate"))
        assert isinstance(call, Call)
        assert call.params == GET_ITEM
    assert answer(make_request("GetItem", zlib.compress(plain)[:-9], content_encoding="deflate")).status == 500
    assert answer(make_request("GetItem", zlib.compress(b" " * (MAX_BODY * 4)), content_encoding="deflate")).status == 413


def test_a_post_without_a_body_needs_no_type(make_request: Make, answer: Answer) -> None:
    bare = {"content_type": None, "x_amz_target": None, "authorization": None}
    assert b"UnknownOperationException" in answer(make_request(body=b"", **bare)).body
    assert answer(make_request(body=b"", **bare)).status == 400
    assert b"MissingAuthenticationTokenException" in answer(make_request("GetItem", b"", content_type=None, authorization=None)).body
    assert answer(make_request(body=b"", content_type="text/plain")).status == 404


def signed(secret: str, path: str, target: str) -> dict[str, str]:
    request = AWSRequest("POST", f"http://localhost{path}", data=orjson.dumps(GET_ITEM), headers={"X-Amz-Target": target})
    SigV4Auth(Credentials("made-up", secret), "dynamodb", "eu-west-1").add_auth(request)
    return {name.lower().replace("-", "_"): value for name, value in request.headers.items()}


def test_another_path_has_to_be_signed(codec: Codec, make_request: Make) -> None:
    target = "DynamoDB_20120810.GetItem"

    def refusal(path: str, headers: dict[str, str]) -> str | None:
        call = codec.decode(make_request("GetItem", GET_ITEM, target=path, host="localhost", **headers))
        assert isinstance(call, Call)
        return None if call.refusal is None else call.refusal.spec.name

    # The header of the other tests has no digest in it
    assert refusal("/nowhere", {}) == "InvalidSignatureException"
    assert refusal("/", {}) is None
    assert refusal("/nowhere", signed("made-up", "/", target)) == "InvalidSignatureException"
    assert refusal("/nowhere", signed("made-up", "/nowhere", target)) is None
    # By a secret that nobody knows it may have been signed for this path
    assert refusal("/nowhere", signed("unknown", "/", target)) is None


def test_short_answers_and_unasked_ones_stay_plain(codec: Codec, make_request: Make) -> None:
    assert "Content-Encoding" not in dict(codec.encode(make_request(accept_encoding="gzip"), {}).headers)
    assert "Content-Encoding" not in dict(codec.encode(make_request(), {"a": "b" * 9000}).headers)


ASKED = {"access_control_request_headers": "x-amz-target", "access_control_request_method": "POST"}


@pytest.mark.parametrize(("granted", "told"), [("*", "*"), ("http://page", "http://page")])
def test_pages_whose_origin_is_granted_are_let_in(make_request: Make, granted: str, told: str) -> None:
    codec = Codec(ManualClock(), seed=1, cors=[granted])
    preflight = codec.decode(make_request(method="OPTIONS", origin="http://page", content_type=None, **ASKED))
    assert isinstance(preflight, HttpReply)
    headers = dict(preflight.headers)
    assert (preflight.status, preflight.body) == (200, b"")
    assert headers["Access-Control-Allow-Origin"] == told
    assert headers["Access-Control-Max-Age"] == "172800"
    assert headers["Access-Control-Allow-Headers"] == "x-amz-target"
    assert headers["Access-Control-Allow-Methods"] == "POST"
    assert dict(codec.encode(make_request(origin="http://page"), {}).headers)["Access-Control-Allow-Origin"] == told
    assert "Access-Control-Allow-Origin" not in dict(codec.encode(make_request(), {}).headers)


@pytest.mark.parametrize("granted", [(), ("http://other",)])
def test_other_pages_are_not(make_request: Make, granted: tuple[str, ...]) -> None:
    codec = Codec(ManualClock(), seed=1, cors=granted)
    preflight = codec.decode(make_request(method="OPTIONS", origin="http://page", content_type=None, **ASKED))
    assert isinstance(preflight, HttpReply)
    assert preflight.status == 404
    for reply in (preflight, codec.encode(make_request(origin="http://page"), {})):
        assert not [name for name, _ in reply.headers if name.startswith("Access-Control")]


def nested(depth: int) -> bytes:
    return b'{"TableName":"orders","Item":{"a":' + b'{"L":[' * depth + b"]}" * depth + b"}}"


def test_deep_nesting_is_left_to_the_engine_to_refuse(make_request: Make, codec: Codec) -> None:
    assert isinstance(codec.decode(make_request("PutItem", nested(300))), Call)


def test_nesting_without_end_kills_nobody(make_request: Make, answer: Answer) -> None:
    assert b"SerializationException" in answer(make_request("PutItem", nested(200_000))).body
