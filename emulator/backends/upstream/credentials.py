"""Credentials for an upstream: from the environment, or from a profile of the AWS files. Nothing is asked of any server."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path

from emulator.aws.errors import EmulatorError
from emulator.wire.signature import Credentials

ENVIRONMENT = "environment"
# What a profile may have in place of keys, and we do not follow
_ELSEWHERE = ("role_arn", "sso_session", "sso_start_url", "credential_process", "source_profile", "login_session")


def find_credentials(name: str, environment: Mapping[str, str]) -> tuple[Credentials, str | None]:
    """The credentials that a name stands for ("environment", or a profile), and their region, None where none is said. Raises
    EmulatorError where there are none."""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if name == ENVIRONMENT:
        key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
        if not key or not secret:
            raise EmulatorError(
                "the upstream's credentials come from the environment, and AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set there; "
                "set both, or name a profile: 'credentials: NAME' under 'upstream'"
            )
        return Credentials(key, secret, environment.get("AWS_SESSION_TOKEN") or None), region
    settings = _profile(name, environment)
    return _of_profile(name, settings), settings.get("region") or region


def _of_profile(name: str, settings: Mapping[str, str]) -> Credentials:
    key, secret = settings.get("aws_access_key_id"), settings.get("aws_secret_access_key")
    if key and secret:
        return Credentials(key, secret, settings.get("aws_session_token"))
    elsewhere = next((word for word in _ELSEWHERE if word in settings), None)
    if elsewhere is not None:
        raise EmulatorError(
            f"profile '{name}' gets its credentials by {elsewhere}, which dynafault does not follow; put them into the environment: "
            f"eval \"$(aws configure export-credentials --profile '{name}' --format env)\", and 'credentials: environment'"
        )
    raise EmulatorError(f"profile '{name}' has no aws_access_key_id and aws_secret_access_key")


def _profile(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or "~").expanduser()
    files = {
        Path(environment.get("AWS_CONFIG_FILE") or home / ".aws" / "config"): name if name == "default" else f"profile {name}",
        Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials"): name,
    }
    found: dict[str, str] = {}
    known = False
    for path, section in files.items():
        parser = ConfigParser(interpolation=None, default_section="no such section")
        try:
            parser.read(path, "utf-8")
        except (Error, OSError, UnicodeDecodeError) as error:
            # The message of a parser may quote a line, and so a secret
            raise EmulatorError(f"cannot read {path}: {type(error).__name__}") from None
        if parser.has_section(section):
            known = True
            found.update({key: value for key, value in parser.items(section) if value})
    if not known:
        raise EmulatorError(f"there is no profile '{name}' in {' or '.join(map(str, files))}")
    return found
