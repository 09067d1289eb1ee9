"""Clients that were made before a test could point them at the emulator: at a module's own level, when it was imported."""

from __future__ import annotations

import sys
from pathlib import Path

_SERVICES = frozenset({"dynamodb", "dynamodbstreams", "backup"})


def stray_clients(root: Path, url: str) -> list[str]:
    """`module.name (its endpoint)` of each boto3 client or resource that a module below `root` holds and that does not talk to `url`."""
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or not _is_own(Path(file), root):
            continue
        for attribute, value in list(vars(module).items()):
            endpoint = _endpoint_of(value)
            if endpoint and endpoint.rstrip("/") != url.rstrip("/"):
                found.append(f"{name}.{attribute} ({endpoint})")
    return found


def _is_own(file: Path, root: Path) -> bool:
    """Whether a file is of the project, and not of what is installed for it."""
    return file.is_relative_to(root) and "site-packages" not in file.parts


def _endpoint_of(value: object) -> str:
    """The endpoint of a client or resource of one of the emulated services; "" of anything else."""
    if not type(value).__module__.startswith(("botocore.client", "boto3.resources")):
        return ""
    client = getattr(getattr(value, "meta", None), "client", value)
    meta = getattr(client, "meta", None)
    if getattr(getattr(meta, "service_model", None), "service_name", "") not in _SERVICES:
        return ""
    return str(getattr(meta, "endpoint_url", ""))
