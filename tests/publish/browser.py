"""A real Chromium without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Without a graphics card Chromium's own process for one, or a small /dev/shm, fails now and then.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium of the system; skips where there is none."""
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
    """A page from disk, offline, and whatever it complains about."""
    viewport = {"width": 1280, "height": 720, **size}
    context = chromium.new_context(offline=True, viewport=viewport)
    page, complaints = context.new_page(), []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.resolve().as_uri())
    yield page, complaints
    context.close()


def shoot(page: Any, path: Path, tries: int = 3) -> None:
    """A picture of a page; asked for again where a busy machine could not take it in time."""
    from playwright.sync_api import Error

    for left in reversed(range(tries)):
        try:
            page.screenshot(path=str(path))
            return
        except Error:
            if not left:
                raise


def clean(complaints: list[str]) -> bool:
    """Whether nothing was complained about; says what was."""
    assert complaints == []
    return True
