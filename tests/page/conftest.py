"""A real Chromium, headless, and a page of it for each test. Where there is none, these tests are skipped, and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


# As long as it is there, the thread of the tests has a running event loop, in which no other test can start one
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = os.environ.get("DYNAFAULT_CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium is installed: none of {', '.join(_NAMES)} is in PATH, and DYNAFAULT_CHROMIUM names none")
    with playwright.sync_playwright() as driver:
        # Root, as in a container, has no sandbox of the browser's
        launched = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a fresh browser. Whatever it complains about fails the test, a script that its policy refuses, too; but for what
    `tolerates` names."""
    contexts: list[Any] = []
    complaints: list[str] = []
    tolerated: list[str] = []

    def open_page(url: str, *, width: int = 1440, height: int = 1000, scheme: str = "light", tolerates: str = "") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(url)
        tolerated.extend([tolerates] if tolerates else [])
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [one for one in complaints if not any(word in one for word in tolerated)]
