"""What a batch looks like while it runs and when it is over. On a terminal only; else silent."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deltarender.jobs import Job
from deltarender.report import Report, Result

STATUS_COLOURS = {"rendered": "green", "fresh": "cyan", "failed": "red", "not_run": "yellow"}


class ProgressBars(AbstractContextManager["ProgressBars"]):
    """A bar for the batch and one for each scene at work, on stderr."""

    def __init__(self, total: int) -> None:
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(),
        )  # fmt: skip
        self._progress = Progress(
            *columns, console=console, transient=True, disable=not sys.stderr.isatty()
        )
        self._batch = self._progress.add_task("scenes", total=total)
        self._rows: dict[str, Any] = {}

    def __enter__(self) -> ProgressBars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: tuple[str, Job, Any]) -> None:
        """Take a batch's event."""
        kind, job, detail = event
        name = str(job)
        if kind == "batch":
            self._progress.update(self._batch, total=detail)
        elif kind == "start" and name not in self._rows:
            self._rows[name] = self._progress.add_task(name, total=_frames_last_time(job))
        elif kind == "frames":
            self._progress.update(self._rows[name], completed=detail)
        elif kind == "done":
            self._progress.remove_task(self._rows.pop(name))
            self._progress.advance(self._batch)


def _frames_last_time(job: Job) -> int | None:
    try:
        return int(json.loads(job.manifest.read_text())["frames"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def summary(report: Report, say: Callable[[str], None]) -> None:
    """The results as text: a table on a terminal, else a line each; failures come last."""
    ordered = sorted(report.results, key=lambda result: result.status == "failed")
    if sys.stdout.isatty():
        _table(ordered)
    else:
        for result in ordered:
            say("\t".join(_cells(result)))
    for result in report.failed:
        say("")
        say(f"{result.job} failed: {result.error}")
        if result.line:
            say(f"  at {result.line}")
        say(f"  log: {result.job.log}")
    for note in report.notes:
        say(note)
    if report.interrupted:
        say("Interrupted. Run the same command again to go on from here.")


def _cells(result: Result) -> list[str]:
    frames = str(result.frames) if result.frames else "-"
    seconds = f"{result.seconds:.1f}" if result.seconds else "-"
    return [str(result.job), result.status, frames, seconds, str(result.path or "-"), result.note]


def _table(results: list[Result]) -> None:
    table = Table("scene", "status", "frames", "seconds", "file", "note", box=None)
    for result in results:
        table.add_row(*_cells(result), style=STATUS_COLOURS[result.status])
    Console().print(table)
