"""Header names and values as text. What clients send again and again is decoded once, and is one object in all of the journal's
exchanges."""

from __future__ import annotations

from collections.abc import Iterable

# Remembered; each is no longer than a head may be
MAX_TEXTS = 512
# These differ from request to request: remembering them all would only push the others out
_VARYING = frozenset({"authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request", "content-length"})
# These may differ on one connection
CHANGING = _VARYING | {"x-amz-target"}


class HeaderTexts:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._names: dict[bytes, str] = {}
        self._values: dict[bytes, str] = {}
        # The last value of each header: most come again at once
        self._last: dict[str, tuple[bytes, str]] = {}

    def headers(self, raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
        """Names in lower case; the values of a repeated header are joined by ", ", but of Accept-Encoding the first one counts."""
        names, last = self._names, self._last
        headers: dict[str, str] = {}
        for raw_name, raw_value in raw:
            name = names.get(raw_name)
            if name is None:
                name = _remember(names, raw_name, raw_name.decode("latin-1").lower())
            known = last.get(name)
            value = known[1] if known is not None and known[0] == raw_value else self._value(name, raw_value)
            if name not in headers:
                headers[name] = value
            elif name != "accept-encoding":  # of which the service reads the first alone (one source, 2026)
                headers[name] = f"{headers[name]}, {value}"
        return headers

    def fill(self, headers: dict[str, str], names: Iterable[str], values: Iterable[bytes]) -> None:
        """Put in values of headers that are there once."""
        last = self._last
        for name, value in zip(names, values, strict=True):
            known = last.get(name)
            headers[name] = known[1] if known is not None and known[0] == value else self._value(name, value)

    def _value(self, name: str, raw: bytes) -> str:
        """The value of a header that was another one the last time."""
        value = self._values.get(raw)
        if value is None:
            value = raw.decode("latin-1").strip(" \t")
            if name not in _VARYING:
                _remember(self._values, raw, value)
        if name in self._last or len(self._last) < MAX_TEXTS:
            self._last[name] = raw, value
        return value

    def text(self, data: bytes) -> str:
        return self._values.get(data) or _remember(self._values, data, data.decode("latin-1"))


def _remember(known: dict[bytes, str], data: bytes, text: str) -> str:
    if len(known) >= MAX_TEXTS:
        known.clear()
    known[data] = text
    return text
