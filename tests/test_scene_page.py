"""The scene on docs/scenes.md plays, and its layout has no fault."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from manim import tempconfig

from deltarender.engine.frame_by_frame import frame_by_frame_scene, play_frames
from gradreel.lint import motion_check
from gradreel.testing import scene_values
from tests.scenes.run_scene import WIDE, play

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.slow
def test_the_scene_of_the_page_works(tmp_path, monkeypatch) -> None:
    page = (DOCS / "scenes.md").read_text()
    code, pattern = re.findall(r"```python\n(.*?)```", page, flags=re.S)
    compile(pattern, "docs/scenes.md", "exec")
    (tmp_path / "square.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    values = scene_values(f"{tmp_path / 'square.py'}:Square", x=5)
    assert values.faults == ()
    assert values.number("x.grad*").value == 10
    with tempconfig({**WIDE, "progress_bar": "none"}):
        scene = frame_by_frame_scene(runpy.run_path("square.py")["Square"])
        check = motion_check(scene)
        play_frames(scene, check)
    assert check.result() == []


@pytest.mark.parametrize("name", ["Drawings", "MoreDrawings"])
def test_the_drawings_of_the_page_work(name) -> None:
    scene = play(runpy.run_path(str(DOCS / "drawings.py"))[name])
    assert scene.faults == []
    page = (DOCS / "scenes.md").read_text()
    assert [beat.name for beat in scene.beats if f"| {beat.name} |" not in page] == []
