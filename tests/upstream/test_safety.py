"""What an upstream is held to, whose credentials it sees, and who may use the emulator in front of it."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.aws.errors import EmulatorError
from emulator.backends.upstream.backend import host_at_aws
from emulator.backends.upstream.credentials import find_credentials
from emulator.clock import EmulatedClock
from emulator.core import EmulatorCore
from emulator.scenario.upstream import UpstreamSettings, read_upstream
from emulator.server.admin.access import Access
from emulator.server.app import create_app
from tests.upstream.servers import Asked, Does, RawUpstream, answer, ask

Start = Callable[..., Emulator]
REAL = {"AKIDREAL": "real-secret"}
FAR = {"version": 1, "tables": [{"name": "orders", "key": {"id": "S"}}, {"name": "staging-1", "key": {"id": "S"}}], "auth": {"keys": REAL}}
KEY = {"id": {"S": "a"}}


@pytest.fixture
def real_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)


def held(start: Start, far: Emulator, **keys: Any) -> Emulator:
    return start({"version": 1, "upstream": {"url": far.url, **keys}})


@pytest.mark.usefixtures("real_keys")
def test_requests_go_on_in_the_name_of_the_credentials(start: Start, client_for: Callable[..., Any], no_retries: Any) -> None:
    """The upstream here really checks signatures, of the streams' service too."""
    far = start(FAR)
    near = held(start, far, credentials="environment")
    client_for(near).put_item(TableName="orders", Item=KEY)
    client_for(near, "dynamodbstreams", region="eu-west-1").list_streams()
    seen = [(entry.call.access_key, entry.call.region, entry.error) for entry in far.journal if entry.call]
    assert set(seen) == {("AKIDREAL", "us-east-1", ""), ("AKIDREAL", "eu-west-1", "")}
    near = held(start, far)
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client_for(near, config=no_retries).list_tables()


@pytest.mark.usefixtures("real_keys")
def test_a_request_that_the_faults_changed_is_signed_as_changed(start: Start, client_for: Callable[..., Any]) -> None:
    far = start(FAR)
    rules = [{"name": "half", "when": {"operation": "BatchWriteItem"}, "fault": {"unprocessed": {"every": 2}}}]
    near = start({"version": 1, "upstream": {"url": far.url, "credentials": "environment"}, "rules": rules})
    batch = {"orders": [{"PutRequest": {"Item": {"id": {"S": one}}}} for one in "abcd"]}
    assert len(client_for(near).batch_write_item(RequestItems=batch)["UnprocessedItems"]["orders"]) == 2


@pytest.mark.usefixtures("real_keys")
def test_it_signs_for_nobody_without_a_key_of_the_run(start: Start, client_for: Callable[..., Any], no_retries: Any) -> None:
    far = start(FAR)
    near = held(start, far, credentials="environment")
    for stranger in ("dynafault", "AKIDREAL"):
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            client_for(near, config=no_retries, aws_access_key_id=stranger).list_tables()
    headers, body = ask("ListTables")
    assert requests.post(near.url, data=body, headers=headers, timeout=20).status_code == 400
    sandbox = client_for(near, config=no_retries, endpoint_url=f"{near.url}/sandbox/one", aws_access_key_id="AKIDREAL")
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        sandbox.list_tables()
    near.load(None)
    near.reset()
    assert requests.post(near.url, data=body, headers=headers, timeout=20).status_code == 400
    assert not far.journal.entries()


@pytest.mark.usefixtures("real_keys")
def test_its_admin_api_asks_for_a_token(start: Start) -> None:
    near = held(start, start(FAR), credentials="environment")
    url = f"{near.url}/_emulator/journal"
    assert requests.get(url, timeout=20).status_code == 401
    assert requests.get(url, headers={"Authorization": f"Bearer {near.admin_token}"}, timeout=20).status_code == 200


@pytest.mark.usefixtures("real_keys")
def test_no_other_server_opens_it_without_a_token() -> None:
    core = EmulatorCore({"version": 1, "upstream": {"url": "http://127.0.0.1:1", "credentials": "environment"}})
    with pytest.raises(EmulatorError, match="its admin API needs a token"):
        create_app(core)
    assert create_app(core, Access(token="of-the-run"))


@pytest.mark.parametrize(("host", "guarded"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_so_does_one_that_other_machines_reach(host: str, guarded: bool) -> None:
    near = Emulator(upstream="http://127.0.0.1:1", host=host)
    assert (bool(near.core.keys), near.admin_token is not None) == (guarded, guarded)
    assert (near.boto3_kwargs()["aws_access_key_id"] != "dynafault") == guarded


def _journaled(far: Emulator) -> list[str]:
    return [entry.operation for entry in far.journal]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"read_only": True}, "only reads go on"),
        ({"tables": ["staging-*"]}, "nothing about table 'orders' goes on"),
        ({"regions": "eu-west-1"}, "for region 'us-east-1'"),
        ({"until": "2020-01-01T00:00:00Z"}, "since 2020-01-01T00:00:00Z"),
    ],
)
def test_what_it_is_held_to(keys: dict[str, Any], message: str, start: Start, client_for: Callable[..., Any], no_retries: Any) -> None:
    far = start({"version": 1, "tables": FAR["tables"]})
    near = held(start, far, **keys)
    with pytest.raises(ClientError, match=rf"AccessDeniedException.*dynafault: .*{message}"):
        client_for(near, config=no_retries).put_item(TableName="orders", Item=KEY)
    assert _journaled(far) == []
    (entry,) = near.journal.entries()
    assert (entry.error, entry.applied, entry.upstream) == ("AccessDeniedException", False, None)


def test_what_it_is_not_held_from(start: Start, client_for: Callable[..., Any], no_retries: Any) -> None:
    far = start({"version": 1, "tables": FAR["tables"]})
    near = held(start, far, read_only=True, tables=["staging-*"], regions=["us-east-1"], until="2126-01-01T00:00:00Z", rate=1000)
    client = client_for(near, config=no_retries)
    assert "Item" not in client.get_item(TableName="staging-1", Key=KEY)
    assert client.execute_statement(Statement='SELECT * FROM "staging-1"')["Items"] == []
    assert len(client.list_tables()["TableNames"]) == 2
    for statement in ("SELECT * FROM orders", "DELETE FROM \"staging-1\" WHERE id = 'a'"):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            client.execute_statement(Statement=statement)


def test_a_rate_is_kept(start: Start, client_for: Callable[..., Any], emulated_clock: EmulatedClock, no_retries: Any) -> None:
    far = start()
    near = start({"version": 1, "upstream": {"url": far.url, "rate": 2}}, clock=emulated_clock)
    client = client_for(near, config=no_retries)
    for _ in range(2):
        for _ in range(2):
            client.list_tables()
        with pytest.raises(ClientError, match=r"ThrottlingException.*no more than 2 requests a second"):
            client.list_tables()
        emulated_clock.advance(1)
    assert len(far.journal) == 4


@pytest.mark.parametrize("url", ["aws", "https://dynamodb.eu-west-1.amazonaws.com", "https://streams.dynamodb.cn-north-1.amazonaws.com.cn"])
def test_nobody_gets_to_aws_unawares(url: str) -> None:
    assert read_upstream(url).is_aws
    with pytest.raises(EmulatorError, match="--yes-this-is-aws"):
        Emulator(upstream=url)


def test_other_hosts_are_not_aws() -> None:
    for url in ("http://localhost:8000", "https://dynamodb.amazonaws.com.example.org", "http://amazonaws.example"):
        assert not read_upstream(url).is_aws
    for text in ("localhost:8000", "http://", "http://a/b", "http://u:p@host", "ftp://host", "http://host:0", "http://host:99999", "AWS"):
        with pytest.raises(EmulatorError, match="is no upstream"):
            read_upstream(text)


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Asked]]:
    """Says whose account it is, where AWS would."""
    xml = b"<GetCallerIdentityResponse><Account>123456789012</Account></GetCallerIdentityResponse>"
    with RawUpstream(lambda asked: Does(answer(200, xml))) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        yield server.asked


@pytest.mark.usefixtures("real_keys")
def test_account_and_region_are_said_first(sts: list[Asked], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    scenario = {"version": 1, "upstream": {"url": "aws", "read_only": True, "tables": ["staging-*"]}}
    upstream = Emulator(scenario, yes_this_is_aws=True).core.run.backends.upstream
    assert upstream is not None
    assert upstream.described() == "AWS account 123456789012, region eu-west-1, only reads, only tables staging-*"
    assert "Credential=AKIDREAL/" in sts[0].headers["authorization"]
    assert "/eu-west-1/sts/aws4_request" in sts[0].headers["authorization"]


@pytest.mark.parametrize(
    ("service", "region", "host"),
    [
        ("dynamodb", "eu-west-1", "dynamodb.eu-west-1.amazonaws.com"),
        ("streams", "us-east-1", "streams.dynamodb.us-east-1.amazonaws.com"),
        ("backup", "us-gov-west-1", "backup.us-gov-west-1.amazonaws.com"),
        ("backup-gateway", "cn-north-1", "backup-gateway.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_hosts_follow_from_service_and_region(service: str, region: str, host: str) -> None:
    assert host_at_aws(service, region) == host


def test_a_region_must_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with pytest.raises(EmulatorError, match="which region at AWS"):
        Emulator(upstream="aws", yes_this_is_aws=True)
    assert UpstreamSettings("https://dynamodb.eu-west-3.amazonaws.com").region == "eu-west-3"


CONFIG = """
[default]
region = eu-west-1
[profile staging]
region = eu-west-2
aws_access_key_id = IN-CONFIG
aws_secret_access_key = in%config
[profile role]
role_arn = arn:aws:iam::1:role/x
source_profile = default
"""
CREDENTIALS = """
[default]
aws_access_key_id = DEFAULT
aws_secret_access_key = default-secret
aws_session_token = token
"""


@pytest.fixture
def profiles(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    return {"HOME": str(tmp_path)}


def test_profiles(profiles: dict[str, str]) -> None:
    found, region = find_credentials("staging", profiles)
    assert (found.access_key, found.secret, found.token, region) == ("IN-CONFIG", "in%config", None, "eu-west-2")
    found, region = find_credentials("default", profiles)
    assert (found.access_key, found.secret, found.token, region) == ("DEFAULT", "default-secret", "token", "eu-west-1")
    assert "default-secret" not in repr(found)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("environment", "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set"),
        ("nobody", "there is no profile 'nobody'"),
        ("role", "by role_arn, which dynafault does not follow.*export-credentials"),
    ],
)
def test_credentials_that_cannot_be_had(name: str, message: str, profiles: dict[str, str]) -> None:
    with pytest.raises(EmulatorError, match=message):
        find_credentials(name, profiles)


def test_a_broken_file_shows_no_secret(profiles: dict[str, str]) -> None:
    Path(profiles["HOME"], ".aws", "credentials").write_text("aws_secret_access_key = very-secret\n")
    with pytest.raises(EmulatorError) as caught:
        find_credentials("default", profiles)
    assert "very-secret" not in str(caught.value)


CLIENT = """
import boto3
client = boto3.client("dynamodb")
client.put_item(TableName="orders", Item={"id": {"S": "from the program"}})
"""


def test_run_hands_the_keys_out(start: Start, tmp_path: Path, client_for: Callable[..., Any]) -> None:
    far = start(FAR)
    scenario = tmp_path / "front.yaml"
    scenario.write_text(f"version: 1\nupstream: {{url: '{far.url}', credentials: environment}}\n")
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "AKIDREAL", "AWS_SECRET_ACCESS_KEY": "real-secret"}
    command = [sys.executable, "-m", "emulator", "run", str(scenario), "--", sys.executable, "-c", CLIENT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"upstream: {far.url}\n")
    assert "upstream: 1 request sent on" in done.stdout
    assert "real-secret" not in done.stdout
    assert "Item" in client_for(far).get_item(TableName="orders", Key={"id": {"S": "from the program"}})


def test_the_option_takes_the_place_of_the_scenarios(start: Start, tmp_path: Path) -> None:
    far = start({"version": 1, "tables": FAR["tables"]})
    scenario = tmp_path / "front.yaml"
    scenario.write_text("version: 1\nupstream: {url: 'http://127.0.0.1:1', tables: [orders]}\n")
    near = Emulator(scenario, upstream=far.url)
    upstream = near.core.run.backends.upstream
    assert upstream is not None
    assert upstream.settings == UpstreamSettings(far.url, tables=("orders",))
    near.load(scenario)


# Python 3.10 does not close a transport whose TLS handshake failed
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")
def test_an_upstream_is_trusted_by_its_certificate(
    start: Start, tmp_path: Path, client_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with RawUpstream(lambda asked: Does(answer(200, b'{"TableNames":["far"]}')), tls=context) as far:
        strangers = start(upstream=far.url)
        headers, body = ask("ListTables")
        assert requests.post(strangers.url, data=body, headers=headers, timeout=20).status_code == 502
        (entry,) = strangers.journal.entries()
        assert (entry.error, entry.upstream and entry.upstream.how) == ("UpstreamUnreachable", "unreachable")
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        assert client_for(start(upstream=far.url)).list_tables()["TableNames"] == ["far"]
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    with pytest.raises(EmulatorError, match=r"cannot read certificates from .*nothing.pem"):
        Emulator(upstream="https://127.0.0.1:1")
