"""Every test process has its own scratch media folder, so that none sees another's files.

Tests that play whole scenes or scripts count as slow: `make test-fast` leaves them out.
"""

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

# What tests take for Manim's own is Manim's own, also where the plugin is on for this user.
os.environ["DELTARENDER"] = "off"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Import test modules with a scratch media folder: texts that they make are files too.

    In one folder, processes that collect at the same time would remove each other's.
    """
    from manim import config

    with tempfile.TemporaryDirectory(prefix="gradreel-collection-") as folder:
        config.media_dir = folder
        return (yield)


@pytest.fixture(autouse=True, scope="session")
def _own_media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    from manim import config

    folder = tmp_path_factory.mktemp("media")
    config.media_dir = str(folder)
    config.verbosity = "ERROR"
    config.progress_bar = "none"
    yield folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One Chromium for the tests of a module; those that use it are skipped where there is none."""
    from tests.publish.browser import browser

    with browser() as running:
        yield running


PLAYS = ("tests/scenes/", "tests/trace/", "tests/lint/test_lint.py::test_no_scene")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what plays scenes or scripts as slow."""
    for item in items:
        if item.nodeid.startswith(PLAYS):
            item.add_marker(pytest.mark.slow)
