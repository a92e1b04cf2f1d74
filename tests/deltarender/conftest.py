"""Small Manim scenes, none with LaTeX, and jobs for them."""

from __future__ import annotations

import pytest

from deltarender.jobs import Job, RenderSettings, SceneRef

TINY = RenderSettings(320, 180, 10)


@pytest.fixture
def job_of(tmp_path):
    """A function that writes a scene file and gives the job to render a class of it."""

    def make(
        source: str, cls: str = "Main", profile: RenderSettings = TINY, name: str = "film.py"
    ) -> Job:
        file = tmp_path / name
        file.write_text("from manim import *\nimport numpy as np\n" + source)
        return Job(SceneRef(file, cls, cls), profile, media_dir=tmp_path / "media")

    return make
