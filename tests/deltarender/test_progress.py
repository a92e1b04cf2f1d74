"""Progress bars: something moves from the start, and totals are known from other renders."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deltarender import expected_cost, progress
from deltarender.events import BatchStarted, JobProgress, JobStarted
from deltarender.jobs import Job, RenderSettings, SceneRef

JOB = Job(SceneRef(Path("a.py"), "A", "A"), RenderSettings.of("h"))


def rows(bars: progress.ProgressBars) -> dict[str, tuple[bool, float | None]]:
    """The visible rows: whether each counts already, and its total."""
    tasks = bars._progress.tasks
    return {task.description: (task.started, task.total) for task in tasks if task.visible}


def test_bars_count_from_the_first_job_and_the_first_frame_on(monkeypatch) -> None:
    monkeypatch.setattr(progress, "expected_frames", lambda _: 90)
    with progress.ProgressBars(2) as bars:
        bars(BatchStarted(2))
        assert rows(bars) == {"scenes": (False, 2), "loading libraries": (True, None)}
        bars(JobStarted(JOB))
        assert rows(bars) == {"scenes": (True, 2), "A": (False, 90)}
        bars(JobProgress(JOB, 10))
        assert rows(bars) == {"scenes": (True, 2), "A": (True, 90)}


@pytest.mark.parametrize(("rate", "frames"), [(60.0, 240), (15.0, 60)])
def test_the_number_of_frames_is_known_from_a_render_at_another_rate(
    tmp_path, monkeypatch, rate, frames
) -> None:
    job = replace(JOB, media_dir=tmp_path, profile=replace(JOB.profile, fps=rate))
    assert expected_cost.expected_frames(job) is None
    preview = replace(job, profile=RenderSettings.of("l")).manifest
    preview.parent.mkdir(parents=True)
    preview.write_text(json.dumps({"frames": 60, "fps": 15.0}))
    monkeypatch.setattr(
        expected_cost, "find_manifest",
        lambda path: json.loads(path.read_text()) if path.exists() else None,
    )  # fmt: skip
    assert expected_cost.expected_frames(job) == frames
