"""Header names and values as text. What clients send again and again is decoded once, and is one object in all of the journal's
entries."""

from __future__ import annotations

from collections.abc import Iterable

# Remembered; each is no longer than a head may be
MAX_TEXTS = 512
# These differ from request to request: remembering them would only push the others out
_VARYING = frozenset({"authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request", "content-length"})


class HeaderTexts:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._names: dict[bytes, str] = {}
        self._values: dict[bytes, str] = {}

    def headers(self, raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
        """Names in lower case; the values of a repeated header are joined by ", ", but of Accept-Encoding the first one counts."""
        names, values = self._names, self._values
        headers: dict[str, str] = {}
        for raw_name, raw_value in raw:
            name = names.get(raw_name)
            if name is None:
                name = _remember(names, raw_name, raw_name.decode("latin-1").lower())
            value = values.get(raw_value)
            if value is None:
                value = raw_value.decode("latin-1").strip(" \t")
                if name not in _VARYING:
                    _remember(values, raw_value, value)
            if name not in headers:
                headers[name] = value
            elif name != "accept-encoding":  # of which the service reads the first alone (one source, 2026)
                headers[name] = f"{headers[name]}, {value}"
        return headers

    def text(self, data: bytes) -> str:
        return self._values.get(data) or _remember(self._values, data, data.decode("latin-1"))


def _remember(known: dict[bytes, str], data: bytes, text: str) -> str:
    if len(known) >= MAX_TEXTS:
        known.clear()
    known[data] = text
    return text
