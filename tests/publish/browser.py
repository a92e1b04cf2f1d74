"""A headless Chromium without network access, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Chromium's GPU process, and a small /dev/shm, fail now and then on machines without a GPU.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


@contextmanager
def browser() -> Iterator[Any]:
    """The system's Chromium; skips the test if there is none."""
    driver = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("chromium is not installed")
    with driver.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@contextmanager
def page_of(chromium: Any, file: Path, **size: int) -> Iterator[tuple[Any, list[str]]]:
    """A page opened from disk, offline, and the list of its console errors."""
    viewport = {"width": 1280, "height": 720, **size}
    context = chromium.new_context(offline=True, viewport=viewport)
    page, console_errors = context.new_page(), []
    page.on("console", lambda m: console_errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    page.goto(file.resolve().as_uri())
    yield page, console_errors
    context.close()


def screenshot(page: Any, path: Path, tries: int = 3) -> None:
    """Save a screenshot of a page; retries, because it can time out on a busy machine."""
    from playwright.sync_api import Error

    for left in reversed(range(tries)):
        try:
            page.screenshot(path=str(path))
            return
        except Error:
            if not left:
                raise


def assert_no_errors(console_errors: list[str]) -> None:
    """Fail with the errors that the page logged."""
    assert console_errors == []
