"""What a worker is asked to do, what came of it, and who has it done. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from deltarender.jobs import Job

NEVER = 1 << 60  # a frame that no film reaches


@dataclass(frozen=True, slots=True)
class FrameRange:
    """The frames of a film from `first` up to `end`; `seed` is the same for all parts of a film.

    With a `first` that no film reaches, a scene is only played through, to see where it can be cut.
    """

    first: int = 0
    end: int = NEVER
    seed: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is to be drawn."""
        return self.first == NEVER


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is to do: `kind` is render, rehearse or stills.

    `watchers` are "module:function" texts, called as function(scene, beat) at each beat's end.
    A render may be one of a `part`: frames from the first up to, and without, the second.
    """

    kind: str
    job: Job
    folder: Path
    beat_observers: tuple[str, ...] = ()
    part: FrameRange | None = None

    @property
    def log(self) -> Path:
        """Where all that is printed goes; parts that run side by side have a log each."""
        return self.job.log if self.part is None else self.folder / "log"


@dataclass(slots=True)
class TaskError:
    """Why a scene failed: one line for the summary, where in its file, the whole trace."""

    message: str
    line: str = ""
    trace: str = ""
    usage: bool = False


@dataclass(slots=True)
class TaskResult:
    """What came of a task. `data` depends on its kind; `files` maps paths read to digests."""

    fault: TaskError | None = None
    frames: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


class Executor(Protocol):
    """Runs tasks somewhere: a crew of processes here, or workers of a cluster.

    `run` yields (task number, Outcome) as tasks end, each with its files in the task's folder, and
    begins none once `stop()` holds. `jobs` is how many have run at once, `capacity()` how many
    could, `notes` what the user should know of the run as a whole.
    """

    @property
    def jobs(self) -> int: ...

    @property
    def notes(self) -> list[str]: ...

    def capacity(self) -> int: ...

    def run(
        self, tasks: Sequence[Task], listen: Callable[[Any], None], *, stop: Callable[[], bool]
    ) -> Iterator[tuple[int, TaskResult]]: ...
