"""Clients that a test could not point at the emulator, since they were made before: at the top level of a module, when it was imported."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

_SERVICES = frozenset({"dynamodb", "dynamodbstreams", "backup"})


def stray_clients(root: Path, url: str) -> list[str]:
    """`module.name (its endpoint)` of each boto3 client or resource that does not talk to `url`, and that a module below `root` holds: by
    a name of its own, in one of its classes, or in an object of a class of the project."""
    own = {name: module for name, module in list(sys.modules.items()) if _is_own(getattr(module, "__file__", None), root)}
    found = []
    seen: set[int] = set()
    for name, module in own.items():
        for held, value in _held(vars(module), own):
            endpoint = _endpoint_of(value)
            if endpoint and id(value) not in seen and endpoint.rstrip("/") != url.rstrip("/"):
                seen.add(id(value))
                found.append(f"{name}.{held} ({endpoint})")
    return found


def _held(names: Mapping[str, object], own: Collection[str]) -> Iterator[tuple[str, object]]:
    """What names stand for, and the attributes of those that are classes of the project or objects of such. Runs no code of theirs."""
    for name, value in list(names.items()):
        yield name, value
        owner = value if isinstance(value, type) else type(value)
        if owner.__module__ in own:
            try:
                attributes = dict(object.__getattribute__(value, "__dict__"))
            except AttributeError:  # it has slots
                continue
            yield from ((f"{name}.{attribute}", one) for attribute, one in attributes.items())


def _is_own(file: str | None, root: Path) -> bool:
    """Whether a file is of the project, and not of what is installed for it."""
    return bool(file) and Path(str(file)).is_relative_to(root) and "site-packages" not in Path(str(file)).parts


def _endpoint_of(value: object) -> str:
    """The endpoint of a client or resource of one of the emulated services; "" of anything else."""
    if not type(value).__module__.startswith(("botocore.client", "boto3.resources")):
        return ""
    client = getattr(getattr(value, "meta", None), "client", value)
    meta = getattr(client, "meta", None)
    if getattr(getattr(meta, "service_model", None), "service_name", "") not in _SERVICES:
        return ""
    return str(getattr(meta, "endpoint_url", ""))
