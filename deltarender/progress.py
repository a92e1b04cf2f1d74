"""Progress bars of a batch, and its results as a table. Bars are drawn on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from deltarender.events import BatchEvent, BatchStarted, JobEnded, JobProgress, JobStarted
from deltarender.expected_cost import expected_frames
from deltarender.jobs import Job
from deltarender.report import JobResult, Report

STATUS_COLOURS = {"rendered": "green", "fresh": "cyan", "failed": "red", "not_run": "yellow"}


class ProgressBars(AbstractContextManager["ProgressBars"]):
    """A bar for the batch and one for each running scene, on stderr.

    A bar moves to and fro until there is something to count: first while the libraries are loaded,
    then while a scene is prepared.
    """

    def __init__(self, total: int) -> None:
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(),
        )  # fmt: skip
        self._progress = Progress(
            *columns, console=console, transient=True, disable=not sys.stderr.isatty()
        )
        self._batch = self._progress.add_task("scenes", total=total, start=False)
        self._loading = self._progress.add_task("loading libraries", total=None)
        self._rows: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressBars:
        self._progress.reset(self._loading)  # counts from now on
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: BatchEvent) -> None:
        """Show an event of the batch."""
        match event:
            case BatchStarted():
                self._progress.update(self._batch, total=event.jobs)
            case JobStarted():
                self._progress.update(self._loading, visible=False)
                self._progress.start_task(self._batch)
                self._bar(event.job)
            case JobProgress():
                self._progress.start_task(self._bar(event.job))
                self._progress.update(self._bar(event.job), completed=event.frames)
            case JobEnded():
                self._progress.remove_task(self._bar(event.job))
                del self._rows[str(event.job)]
                self._progress.advance(self._batch)

    def _bar(self, job: Job) -> TaskID:
        """The bar of a job, added when it is first needed."""
        name = str(job)
        if name not in self._rows:
            self._rows[name] = self._progress.add_task(
                name, total=expected_frames(job), start=False
            )
        return self._rows[name]


def summary(report: Report, echo: Callable[[str], None]) -> None:
    """Print the results with `echo`: a table on a terminal, else lines; failures come last."""
    ordered = sorted(report.results, key=lambda result: result.status == "failed")
    if sys.stdout.isatty():
        _table(ordered)
    else:
        for result in ordered:
            echo("\t".join(_cells(result)))
    failures: dict[tuple[str, str], list[JobResult]] = {}
    for result in report.failed:
        failures.setdefault((result.error, result.line), []).append(result)
    for (error, line), results in failures.items():
        echo("")
        echo(f"{', '.join(str(result.job) for result in results)} failed: {error}")
        if line:
            echo(f"  at {line}")
        for result in results:
            if result.task is not None:  # else no process has begun with it
                echo(f"  log: {result.job.log}")
    for note in report.notes:
        echo(note)
    if report.interrupted:
        echo("Interrupted. Run the same command again to go on from here.")


def _cells(result: JobResult) -> list[str]:
    frames = str(result.frames) if result.frames else "-"
    seconds = f"{result.seconds:.1f}" if result.seconds else "-"
    return [str(result.job), result.status, frames, seconds, str(result.path or "-"), result.note]


def _table(results: list[JobResult]) -> None:
    table = Table("scene", "status", "frames", "seconds", "file", "note", box=None)
    for result in results:
        table.add_row(*map(Text, _cells(result)), style=STATUS_COLOURS[result.status])
    Console().print(table)
