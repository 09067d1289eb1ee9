"""The admin API from another process, with the words of the library: what `dynafault report URL` and tests in other processes use."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any
from urllib.parse import quote

import requests

from emulator.aws.errors import EmulatorError

TIMEOUT = 30.0


class AdminClient:
    """Asks the emulator at `url` (e.g. "http://127.0.0.1:8000", or "http://127.0.0.1:8000/sandbox/NAME"), with the admin `token` if it asks
    for one. It may be used in a `with`. Every method raises EmulatorError, with the server's own text, for what the server refuses,
    and for a server that is not there or does not answer within 30 seconds. What comes back is the server's JSON, as described in the
    reference of the admin API."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._base = url.rstrip("/") + "/_emulator"
        self._session = requests.Session()
        # An emulator is reached directly, whatever proxy or .netrc the machine has for the rest of the world
        self._session.trust_env = False
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> AdminClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End its connections; leaving a `with` does so, too."""
        self._session.close()

    def health(self) -> dict[str, Any]:
        """That it is ready, and its version; asks for no token."""
        return self._json("GET", "/health")

    def scenario(self) -> dict[str, Any]:
        """The scenario at work, its seed and phase."""
        return self._json("GET", "/scenario")

    def load(self, text: str, **parameters: str) -> dict[str, Any]:
        """Replace the scenario by one given as YAML or JSON text, with these values of its parameters."""
        return self._json("PUT", "/scenario", params=parameters, data=text.encode())

    def unload(self) -> dict[str, Any]:
        """Go on as a healthy service."""
        return self._json("DELETE", "/scenario")

    def add_rule(self, rule: dict[str, Any], *, ttl: float | None = None) -> dict[str, Any]:
        """Add a rule behind the others; after `ttl` seconds it is gone."""
        return self._json("POST", "/rules", json=rule if ttl is None else {**rule, "ttl": ttl})

    def enable_rule(self, name: str, enabled: bool) -> dict[str, Any]:
        """Let a rule fire, or not for now."""
        return self._json("PATCH", f"/rules/{quote(name)}", json={"enabled": enabled})

    def rules_off(self) -> dict[str, Any]:
        """Let everything through, at once."""
        return self._json("POST", "/rules/off")

    def rules_on(self) -> dict[str, Any]:
        """Rules, limits and denials as they were before."""
        return self._json("POST", "/rules/on")

    def remove_rule(self, name: str) -> dict[str, Any]:
        """Take a rule away."""
        return self._json("DELETE", f"/rules/{quote(name)}")

    def reset(self, *what: str) -> dict[str, Any]:
        """Any of data, counters, journal, scenario; all of them if none is named."""
        return self._json("POST", "/reset", json={"what": list(what)})

    def journal(self, **wanted: str) -> list[dict[str, Any]]:
        """The exchanges, those of an operation, table, rule or error if given; the latest `limit`."""
        entries: list[dict[str, Any]] = self._json("GET", "/journal", params=wanted)["entries"]
        return entries

    def calls(self, **wanted: str) -> list[dict[str, Any]]:
        """The logical calls, those of an operation or table if given; the latest `limit`."""
        calls: list[dict[str, Any]] = self._json("GET", "/calls", params=wanted)["calls"]
        return calls

    def report(self) -> dict[str, Any]:
        """The report as JSON."""
        return self._json("GET", "/report")

    def report_text(self, format: str = "text") -> str:
        """The report in one of its formats: "text", "json", "junit", "html"."""
        return self._request("GET", "/report", params={"format": format}).text

    def advance_clock(self, seconds: float) -> dict[str, Any]:
        """Move the emulated service's time forward."""
        return self._json("POST", "/clock", json={"advance_s": seconds})

    def openapi(self) -> dict[str, Any]:
        """The description of the admin API."""
        return self._json("GET", "/openapi.json")

    def metrics(self) -> str:
        """Prometheus text."""
        return self._request("GET", "/metrics").text

    def sandboxes(self) -> list[dict[str, Any]]:
        """The sandboxes of this server. To use one, make a client for `URL/sandbox/NAME`."""
        listed: list[dict[str, Any]] = self._json("GET", "/sandboxes")["sandboxes"]
        return listed

    def delete_sandbox(self, name: str) -> dict[str, Any]:
        """Drop a sandbox with all that is in it."""
        return self._json("DELETE", f"/sandboxes/{quote(name)}")

    def event_lines(self) -> Iterator[bytes]:
        """The lines of the stream of events, from now on, until the server ends it."""
        try:
            with self._session.get(f"{self._base}/events", stream=True, timeout=TIMEOUT) as response:
                if not response.ok:
                    raise EmulatorError(_refusal(response))
                yield from response.iter_lines(chunk_size=None)
        except requests.exceptions.ChunkedEncodingError:
            return
        except requests.RequestException as error:
            raise EmulatorError(f"no emulator answers at {self._base}: {error}") from None

    def _json(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        body: dict[str, Any] = self._request(method, path, **arguments).json()
        return body

    def _request(self, method: str, path: str, **arguments: Any) -> requests.Response:
        try:
            response = self._session.request(method, self._base + path, timeout=TIMEOUT, **arguments)
        except requests.RequestException as error:
            raise EmulatorError(f"no emulator answers at {self._base}: {error}") from None
        if not response.ok:
            raise EmulatorError(_refusal(response))
        return response


def _refusal(response: requests.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"{response.url} answered {response.status_code}, which is not how an emulator answers; is the address right?"
