"""The figures of a cluster add up."""

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
def test_a_cluster_is_measured_beside_this_machine(job_of, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_scaling, "EACH", 3)
    targets = [job_of(SCENES, name).target for name in ("One", "Two")]
    found = cluster_scaling.measure(targets, TINY, [2], tmp_path / "work")
    cost, (row,) = found["overhead"], found["sleeping"]
    # Two workers had two jobs: one each, from when both had begun.
    there, here = (
        cost[place]["wall"] - cost[place]["ready_after"] for place in ("cluster", "local")
    )
    assert cost["seconds_a_job"] == pytest.approx(there - here, abs=2e-3)
    assert 0 < cost["cluster"]["ready_after"] < cost["cluster"]["wall"]
    assert cost["local"]["cpu"] > 0
    assert cost["cluster"]["cpu"] > 0
    # Three of each scene, each as long as its own film took.
    told = [json.loads(path.read_text())["seconds"] for path in tmp_path.rglob("here/**/*.json")]
    assert row["work"] == pytest.approx(3 * sum(told), abs=0.05)
    assert (row["jobs"], row["workers"]) == (6, 2)
    assert row["efficiency"] == pytest.approx(3 * sum(told) / (2 * row["wall"]), rel=0.05)
    assert 0 < row["efficiency"] <= 1
    assert f"{cost['cpu_ratio']:.2f}" in cluster_scaling.as_text(found)


def test_numbers_of_workers_are_checked():
    done = CliRunner().invoke(group, ["bench", "TangentLine", "--cluster", "4,none"])
    assert isinstance(done.exception, UsageError)
    assert "4,16,64" in str(done.exception)
