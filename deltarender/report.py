"""The outcome of a batch: one result per job, and the report of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deltarender.jobs import Job
from deltarender.results import TaskResult


@dataclass(slots=True)
class JobResult:
    """The outcome of one job; `status` is rendered, fresh, failed or not_run.

    `usage` marks a failure that is a mistake in how the scene was asked for.
    """

    job: Job
    status: str = "not_run"
    path: Path | None = None
    frames: int = 0
    seconds: float = 0.0
    error: str = ""
    line: str = ""
    note: str = ""
    usage: bool = False
    task: TaskResult | None = None

    def as_json(self) -> dict[str, Any]:
        """The row of the JSON report."""
        row: dict[str, Any] = {
            "scene": self.job.target.name,
            "status": self.status,
            "path": str(self.path) if self.path else None,
            "frames": self.frames,
            "seconds": round(self.seconds, 3),
            "error": self.error or None,
        }
        if self.status == "failed":
            row |= {"line": self.line or None, "log": str(self.job.log)}
        if self.note:
            row["note"] = self.note
        return row


@dataclass(slots=True)
class Report:
    """The results in the order of the jobs."""

    results: list[JobResult]
    wall_seconds: float
    jobs: int
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[JobResult]:
        """The results with status "failed"."""
        return [result for result in self.results if result.status == "failed"]

    @property
    def exit_code(self) -> int:
        """0 for success, 1 for a failure, 2 if all failures are wrong use, 130 if interrupted."""
        if self.interrupted:
            return 130
        bad = [r for r in self.results if r.status in ("failed", "not_run")]
        if not bad:
            return 0
        return 2 if all(r.usage for r in bad) else 1

    def as_json(self) -> dict[str, Any]:
        """The report of `render --json`."""
        rows = {
            "results": [result.as_json() for result in self.results],
            "wall_seconds": round(self.wall_seconds, 3),
            "jobs": self.jobs,
        }
        return rows | {"notes": self.notes} if self.notes else rows
