"""The figures of the cluster benchmark are consistent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deltarender.benchmark import cluster_scaling
from gradreel.cli import group
from gradreel.errors import UsageError
from tests.deltarender.conftest import TINY

SCENES = """
class One(Scene):
    def construct(self):
        self.play(Create(Square()), run_time=0.4)
class Two(Scene):
    def construct(self):
        self.play(Create(Circle()), run_time=0.4)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_cluster_is_compared_with_this_machine(job_of, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_scaling, "JOBS_PER_WORKER", 3)
    targets = [job_of(SCENES, name).target for name in ("One", "Two")]
    figures = cluster_scaling.measure(targets, TINY, [2], tmp_path / "work")
    overhead, (row,) = figures["overhead"], figures["sleeping"]
    # Two workers had two jobs, so each had one from when both had started.
    cluster, local = (
        overhead[side]["wall"] - overhead[side]["ready_after"] for side in ("cluster", "local")
    )
    assert overhead["seconds_a_job"] == pytest.approx(cluster - local, abs=2e-3)
    assert 0 < overhead["cluster"]["ready_after"] < overhead["cluster"]["wall"]
    assert overhead["local"]["cpu"] > 0
    assert overhead["cluster"]["cpu"] > 0
    # Three jobs of each scene, each as long as its own render took.
    seconds = [json.loads(path.read_text())["seconds"] for path in tmp_path.rglob("here/**/*.json")]
    assert row["work"] == pytest.approx(3 * sum(seconds), abs=0.06)  # both are rounded
    assert (row["jobs"], row["workers"]) == (6, 2)
    assert row["efficiency"] == pytest.approx(3 * sum(seconds) / (2 * row["wall"]), rel=0.05)
    assert 0 < row["efficiency"] <= 1
    assert f"{overhead['cpu_ratio']:.2f}" in cluster_scaling.as_text(figures)


def test_the_cluster_option_takes_positive_numbers():
    result = CliRunner().invoke(group, ["bench", "TangentLine", "--cluster", "4,none"])
    assert isinstance(result.exception, UsageError)
    assert "4,16,64" in str(result.exception)
