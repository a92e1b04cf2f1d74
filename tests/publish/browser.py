"""Headless browsers without network access, driven by playwright: Chromium, and Firefox."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Chromium's GPU process, and a small /dev/shm, fail now and then on machines without a GPU.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


_drivers: list[Any] = []  # of this process: playwright cannot be started twice


@contextmanager
def _driver() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if _drivers:
        yield _drivers[0]
        return
    with playwright.sync_playwright() as driver:
        _drivers.append(driver)
        try:
            yield driver
        finally:
            _drivers.clear()


@contextmanager
def browser() -> Iterator[Any]:
    """The system's Chromium; skips the test if there is none."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("chromium is not installed")
    with _driver() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@contextmanager
def firefox() -> Iterator[Any]:
    """Debian's Firefox, which playwright drives by WebDriver BiDi; skips if there is none."""
    path = shutil.which("firefox-esr")
    if path is None:
        pytest.skip("firefox-esr is not installed")
    with _driver() as driver, tempfile.TemporaryDirectory() as folder:
        relay = Path(__file__).with_name("firefox_relay.py")
        program = Path(folder) / "firefox"
        program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(relay)])} "$@"\n')
        program.chmod(0o755)
        running = driver.firefox.launch(
            channel="moz-firefox", executable_path=program, env={**os.environ, "FIREFOX": path}
        )
        yield running
        running.close()


@contextmanager
def page_of(chromium: Any, file: Path | str, **size: int) -> Iterator[tuple[Any, list[str]]]:
    """A page opened from disk, offline, or from an address, and the list of its console errors."""
    viewport = {"width": 1280, "height": 720, **size}
    from_disk = isinstance(file, Path)
    context = chromium.new_context(offline=from_disk, viewport=viewport)
    page, console_errors = context.new_page(), []
    page.on("console", lambda m: console_errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    page.goto(file.resolve().as_uri() if isinstance(file, Path) else file)
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


def assert_accessible(page: Any) -> None:
    """Fail with what axe finds on the page, if axe is installed."""
    package = importlib.util.find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        return
    page.evaluate(Path(package.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run()).violations.map(
            v => [v.id, v.help, ...v.nodes.map(n => n.html.slice(0, 200))])"""
    )
    assert found == []
