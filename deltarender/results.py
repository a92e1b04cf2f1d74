"""What a worker is asked to do, and what it answers. Standard library only.

Everything here crosses process borders, so all of it is plain data: frozen or slotted dataclasses
that can be pickled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from deltarender.facts import Fact
from deltarender.jobs import Job


class TaskKind(Enum):
    """What is done with a scene."""

    RENDER = "render"  # to a video file
    DRY_RUN = "dry run"  # played without drawing
    STILLS = "stills"  # one picture per beat


@dataclass(frozen=True, slots=True)
class FrameRange:
    """The frames of a video from `first` up to, and without, `end`.

    All segments of one video have the same `seed`, so that random numbers repeat.
    """

    first: float = 0
    end: float = math.inf
    seed: int = 0

    @classmethod
    def nothing(cls, seed: int) -> FrameRange:
        """No frame at all: the scene is played only to learn where it can be cut."""
        return cls(math.inf, math.inf, seed)

    @property
    def empty(self) -> bool:
        """Whether no frame is drawn."""
        return self.first == math.inf


@dataclass(frozen=True, slots=True)
class Task:
    """One thing for a worker to do; its files are written to `folder`.

    `beat_observers` are "module:function" texts, called as function(scene, beat) at the end of each
    beat. `preload` names modules worth importing before workers are forked. With `part`, only these
    frames of the video are drawn. `forced_by` names a run that uses nothing cached, "" for others.
    """

    kind: TaskKind
    job: Job
    folder: Path
    beat_observers: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    part: FrameRange | None = None
    forced_by: str = ""

    @property
    def log(self) -> Path:
        """The file for all output of the scene; segments that run side by side have one each."""
        return self.job.log if self.part is None else self.folder / "log"


@dataclass(slots=True)
class TaskError:
    """Why a scene failed.

    `message` is one line for the summary, `line` the place in the scene's file, `trace` the full
    traceback. `usage` marks a mistake in how the scene was asked for, `missing` names files and
    modules that were not found, `unsplittable` says that the scene can only be rendered whole.
    """

    message: str
    line: str = ""
    trace: str = ""
    usage: bool = False
    missing: tuple[str, ...] = ()
    unsplittable: bool = False


@dataclass(slots=True)
class SegmentFacts:
    """What playing a scene showed about cutting its video.

    `frames` is the length of the whole video, `cuts` the frames at which a segment may begin,
    `boundaries` a digest of the picture at each end of the drawn range, by frame.
    """

    frames: int
    cuts: list[int]
    boundaries: dict[int, str]


@dataclass(slots=True)
class VideoResult:
    """A video written to the task's folder, and what the scene says of itself.

    `file` is None where nothing was drawn. `manifest` is None for a segment that ended early.
    `subcaptions` are (start, end, text) in seconds. `fallback_reason` says why Manim's own file
    writer made the file, "" if it did not.
    """

    file: Path | None
    manifest: dict[str, Any] | None
    subcaptions: list[tuple[float, float, str]]
    size: tuple[int, int]
    rate: float
    fallback_reason: str = ""
    sound: Path | None = None
    stages: dict[str, float] = field(default_factory=dict)
    segment: SegmentFacts | None = None


@dataclass(frozen=True, slots=True)
class Still:
    """The picture of a beat: the name of the beat, and the file."""

    name: str
    path: Path


@dataclass(slots=True)
class DryRunResult:
    """A scene played without a video: its manifest, what the observers returned, its stills."""

    manifest: dict[str, Any]
    observed: dict[str, list[Any]]
    stills: list[Still]


@dataclass(slots=True)
class TaskResult:
    """The result of a task, successful or not.

    `files` maps the paths the scene read to SHA-256 digests, `libraries` the distributions its
    process had loaded to their versions; `sources` describe files that
    were only imported by what they do; `facts` are what else the picture depends on, `causes`
    what it may depend on besides, in words. `worker` is the name of the cluster's worker, if any.
    """

    error: TaskError | None = None
    frames: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    video: VideoResult | None = None
    dry_run: DryRunResult | None = None
    notes: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    worker: str = ""

    @property
    def rendered_video(self) -> VideoResult:
        """The video of a render that succeeded. Raises ValueError for any other task."""
        if self.video is None:
            raise ValueError("this task has rendered no video")
        return self.video


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """A worker has begun task number `task`."""

    task: int


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """The number of frames of task number `task` that are encoded so far."""

    task: int
    frames: int


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """Task number `task` has succeeded or failed."""

    task: int
    result: TaskResult


TaskEvent = TaskStarted | TaskProgress | TaskEnded
TaskListener = Callable[[TaskEvent], None]


class Executor(Protocol):
    """Runs tasks: on processes of this machine, or on the workers of a cluster.

    `jobs` is how many tasks have run at once, `capacity()` how many could, `notes` what the user
    should know about the run as a whole.
    """

    @property
    def jobs(self) -> int: ...

    @property
    def notes(self) -> list[str]: ...

    def capacity(self) -> int: ...

    def run(
        self, tasks: Sequence[Task], listen: TaskListener, *, stop: Callable[[], bool]
    ) -> Iterator[tuple[int, TaskResult]]:
        """Yield (task number, result) as tasks end; start no more once `stop()` holds.

        Tasks appended to `tasks` while it runs are run as well.
        """
        ...
