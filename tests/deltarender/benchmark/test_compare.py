"""The comparison with the `manim` command: its processes, its figures, its similarity index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deltarender.benchmark import compare, ssim, synthetic_scenes
from deltarender.benchmark.timed_runs import run_manim
from deltarender.errors import RenderError
from deltarender.jobs import RenderSettings, SceneRef

TINY = RenderSettings(128, 72, 5)
SCENE = """
import os
class Main(Scene):
    def construct(self):
        assert os.environ["COLOR_OF_TEST"] == "blue"
        self.play(Create(Square()), run_time=1)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_the_figures_of_one_scene(job_of, monkeypatch):
    monkeypatch.setattr(compare, "REPEATS", 1)  # each run starts some processes
    target = job_of(SCENE).target
    figures = compare.measure([target], TINY, 1, environment={"COLOR_OF_TEST": "blue"})
    (scene,), batch = figures["scenes"], figures["batch"]
    assert scene["frames"] == figures["floor"]["frames"] == 5
    expected = scene["stock"]["wall"] / scene["ours"]["wall"]
    assert scene["wall_ratio"] == pytest.approx(expected, abs=0.01)
    assert batch["wall_per_frame_ms"] == pytest.approx(200 * batch["ours"]["wall"], rel=0.01)
    assert batch["unchanged_seconds"] < batch["stock"]["wall"]
    assert all(0.9 < value <= 1 for value in figures["likeness"].values())
    assert f"wall x{scene['wall_ratio']:g}" in compare.as_text(figures)


@pytest.mark.slow
def test_a_scene_that_fails_with_manim_is_an_error(job_of, tmp_path):
    with pytest.raises(RenderError, match="manim failed"):
        run_manim(job_of(SCENE).target, TINY, tmp_path / "media")


def test_the_index_of_equal_planes_is_one_and_falls_with_noise():
    rng = np.random.default_rng(1)
    plane = rng.uniform(0, 255, (64, 64)).astype(np.float32)
    noisy = [plane + rng.normal(0, sigma, plane.shape).astype(np.float32) for sigma in (5, 50)]
    assert ssim.ssim(plane, plane) == pytest.approx(1)
    assert 1 > ssim.ssim(plane, noisy[0]) > ssim.ssim(plane, noisy[1])


def test_synthetic_scenes_have_the_names_that_are_timed(tmp_path):
    from deltarender.engine.scene_loader import load_scene_class

    file = synthetic_scenes.write(tmp_path / "synthetic.py")
    names = [f"Long{n}" for n in synthetic_scenes.LENGTHS]
    names += [f"Full{n}" for n in synthetic_scenes.COUNTS]
    names += synthetic_scenes.equal_cost_scenes(synthetic_scenes.EQUAL_COST_SCENES)
    for name in names:
        assert load_scene_class(SceneRef(file, name, name), {}).__name__ == name
