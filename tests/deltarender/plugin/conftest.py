"""An installation of the plugin for processes that tests start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def plugin_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PYTHONPATH with this checkout, and its entry point as of an installed distribution."""
    folder = tmp_path_factory.mktemp("site")
    distribution = folder / "plugin-0.dist-info"
    distribution.mkdir()
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 0\n")
    (distribution / "entry_points.txt").write_text(
        "[manim.plugins]\ndeltarender = deltarender.plugin.entry_point\n"
    )
    return os.pathsep.join((str(ROOT), str(folder)))
