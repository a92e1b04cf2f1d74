"""Renders the open scene to a video for the studio, in a thread, until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from deltarender.batch import BatchOptions, cores, render
from deltarender.events import BatchEvent, JobProgress
from deltarender.jobs import Job
from deltarender.report import JobResult
from gradreel.lecture_settings import modules_to_preload

ReportFrames = Callable[[int], None]


class FilmRender:
    """One render. `run` blocks; `stop` may be called from any thread."""

    def __init__(self, job: Job, report: ReportFrames) -> None:
        self.job = job
        self._report = report
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Give the render up, at the next message of its worker."""
        self._stopped.set()

    def run(self) -> JobResult | None:
        """Render unless the video is fresh; None if it was stopped."""
        options = BatchOptions(jobs=max(cores() - 1, 1), preload=modules_to_preload)
        report = render([self.job], options, self._listen)
        return None if report.interrupted else report.results[0]

    def _listen(self, event: BatchEvent) -> None:
        if self._stopped.is_set():
            raise KeyboardInterrupt  # which ends a batch in good order
        if isinstance(event, JobProgress):
            self._report(event.frames)


def video_in(media: Path, name: str) -> Path | None:
    """The video at `name` below the videos of a media folder; None for anything else."""
    folder = (media / "videos").resolve()
    path = (folder / name).resolve()
    return (
        path if path.is_relative_to(folder) and path.suffix == ".mp4" and path.is_file() else None
    )
