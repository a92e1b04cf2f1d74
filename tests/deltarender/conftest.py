"""Fixtures for rendering small Manim scenes, none of which needs LaTeX."""

from __future__ import annotations

import pytest

from deltarender.jobs import Job, RenderSettings, SceneRef

TINY = RenderSettings(320, 180, 10)


@pytest.fixture
def job_of(tmp_path):
    """A function that writes a scene file, and returns the job to render one of its classes."""

    def write_job(
        source: str, cls: str = "Main", profile: RenderSettings = TINY, name: str = "film.py"
    ) -> Job:
        file = tmp_path / name
        file.write_text("from manim import *\nimport numpy as np\n" + source)
        return Job(SceneRef(file, cls, cls), profile, media_dir=tmp_path / "media")

    return write_job
