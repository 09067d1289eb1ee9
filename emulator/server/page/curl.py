"""A request as a curl command that sends it again."""

from __future__ import annotations

from base64 import b64encode
from shlex import quote

from emulator.journal.secrets import shown_target
from emulator.messages import Call, HttpRequest
from emulator.server.environment import DEFAULT_REGION, WORTHLESS

# Headers that say what is asked; the rest is the connection's, the SDK's own, or signed
_KEPT = ("content-type", "x-amz-target", "smithy-protocol", "accept")
# Of a longer body the command would be no command any more
MAX_BODY = 8_000


def curl_command(request: HttpRequest, call: Call | None, base: str, *, has_keys: bool) -> str:
    """For a POSIX shell. curl signs it anew (from 7.75 on): where the scenario has keys (`has_keys`) with those of the environment, so
    that no secret is shown. A body that is too long for a command line is to be found in the file that the command names."""
    parts = ["curl", "-sS", f"{base}{shown_target(request.target)}", "-X", request.method]
    region = call.region if call is not None else DEFAULT_REGION
    parts += ["--aws-sigv4", f"aws:amz:{region}:dynamodb"]
    for name in _KEPT:
        if name in request.headers:
            parts += ["-H", f"{name}: {request.headers[name]}"]
    user = '"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"' if has_keys else f"{WORTHLESS.access_key}:{WORTHLESS.secret}"
    return _with_body(f"{' '.join(map(quote, parts))} --user {user}", request.body)


def _with_body(command: str, body: bytes) -> str:
    if not body:
        return command
    if len(body) > MAX_BODY:
        return f"{command} --data-binary @request.json"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return f"echo {b64encode(body).decode()} | base64 -d | {command} --data-binary @-"
    return f"{command} --data-binary {quote(text)}"
