"""Every test process has its own scratch media folder, so that none sees another's files."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def _own_media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    from manim import config

    folder = tmp_path_factory.mktemp("media")
    config.media_dir = str(folder)
    config.verbosity = "ERROR"
    config.progress_bar = "none"
    yield folder
