"""Values as the service prints them inside its sentences: Java's `toString` of its own classes.

Seen on the live service: lists as `[a, b]`, maps as `{k=v}`, structures as `KeySchemaElement(attributeName=pk, keyType=HASH)` with
the members that are set."""

from __future__ import annotations

from typing import Any

from emulator.services import Service

# A hostile body can be megabytes; the service's own sentences stay readable
LONGEST = 2_000


def java_text(service: Service, shape_name: str, value: Any) -> str:
    text = _text(service, shape_name, value, 0)
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def _text(service: Service, shape_name: str | None, value: Any, depth: int) -> str:
    if shape_name is None or depth > 8 or not isinstance(value, (dict, list)):
        return _scalar(value)
    shape = service.shape(shape_name)
    if isinstance(value, list):
        return f"[{', '.join(_text(service, shape.member, element, depth + 1) for element in value[:LONGEST])}]"
    if shape.type == "map":
        return f"{{{', '.join(f'{key}={_text(service, shape.value, content, depth + 1)}' for key, content in value.items())}}}"
    members = ", ".join(
        f"{name[:1].lower()}{name[1:]}={_text(service, shape.members[name].shape, value[name], depth + 1)}"
        for name in shape.members
        if value.get(name) is not None
    )
    return f"{shape.name}({members})"


def _scalar(value: Any) -> str:
    if value is True or value is False:
        return str(value).lower()
    return "null" if value is None else str(value)
