"""The set of benchmark scenes: which are measured, and the table."""

from __future__ import annotations

import shutil

import pytest

from deltarender.benchmark import scene_set
from deltarender.jobs import RenderSettings

TINY = RenderSettings(128, 72, 4)
SCENES = """
class Main(Scene):
    def construct(self):
        self.play(Create(Square()), run_time=0.5)
        self.wait(0.5)
"""


def test_scenes_that_need_latex_are_left_out_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    names = [target.name for target in scene_set.scene_set()]
    assert len(names) >= 12
    assert "Latex" not in names
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert {target.name for target in scene_set.scene_set()} == {*names, "Latex"}


@pytest.mark.slow
def test_the_table_has_a_row_for_each_scene(job_of) -> None:
    notes: list[str] = []
    result = scene_set.measure([job_of(SCENES).target], TINY, notes.append)
    (row,) = result["scenes"]
    assert notes == ["Main"]
    assert row["frames"] == 4
    assert row["equal"] and result["equal"]
    assert row["first_cpu_ratio"] == row["cpu_ratio"]  # no texts: measured once
    for side in ("ours", "stock"):
        assert 25 < row["likeness"][side]["psnr"] < 100
        assert 0.9 < row["likeness"][side]["ssim"] <= 1
        assert 1 < row["likeness"][side]["worst_block"] < 100


def test_the_table_as_text() -> None:
    sides = {
        "ours": {"psnr": 44.21, "worst_block": 24.0, "ssim": 0.9996},
        "stock": {"psnr": 44.18, "worst_block": 30.2, "ssim": 0.9993},
    }
    row = {
        "scene": "Paths", "frames": 45, "stock_cpu": 5.0, "ours_cpu": 1.0, "cpu_ratio": 5.0,
        "first_cpu_ratio": 4.0, "size_ratio": 1.25, "likeness": sides, "equal": False,
    }  # fmt: skip
    summaries = {
        f"{key}_ratio": {"median": value, "worst": value}
        for key, value in (("cpu", 5.0), ("first_cpu", 4.0), ("size", 1.25))
    }
    text = scene_set.as_text({"profile": "480p15", "latex": False, "scenes": [row], **summaries})
    assert "without LaTeX" in text
    assert text.splitlines()[2].split() == [
        "Paths", "45", "5.00", "1.00", "5.00", "4.00", "1.25", "44.2", "44.2", "24.0", "30.2",
        "0.9996", "0.9993", "DIFFERENT",
    ]  # fmt: skip
    assert text.splitlines()[3] == (
        "faster: median 5, worst 5; first: median 4, worst 4; size: median 1.25, worst 1.25"
    )
