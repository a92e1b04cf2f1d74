"""Messages between a live scene's process and the process that shows it. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deltarender.jobs import Job
from deltarender.results import TaskError


@dataclass(frozen=True, slots=True)
class LiveHooks:
    """What the caller adds to a live scene, as "module:function" texts; "" for nothing.

    `extend(scene)` is called once the scene has been played: it may change what is shown, and then
    returns the name of one more step; else "". `describe(scene)` returns what can be changed in the
    scene. `change(scene, values, pressed)` changes it. `read(scene)` returns what a drawn state
    shows. Results are JSON-ready.
    """

    extend: str = ""
    describe: str = ""
    change: str = ""
    read: str = ""


@dataclass(frozen=True, slots=True)
class LiveTask:
    """A scene to be played and kept open. Its temporary files go to `folder`, its output to `log`.

    The state at the end of the step `first` is sent as soon as it is reached; -1 is the last step.
    """

    job: Job
    folder: Path
    log: Path
    hooks: LiveHooks = LiveHooks()
    first: int = -1
    preload: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlayScene:
    """A request to the template: play its scene with these parameters; `first` as in LiveTask.

    A socket for the answers follows the message.
    """

    params: tuple[tuple[str, str], ...]
    first: int


@dataclass(frozen=True, slots=True)
class PlayerStarted:
    """The first answer after PlayScene: the process that plays, the leader of its group."""

    pid: int


@dataclass(frozen=True, slots=True)
class DrawState:
    """A request: the scene at the end of step `step`, changed by `values` and `pressed`.

    `pressed` are the names of buttons, in order. With `whole`, the whole picture is sent; otherwise
    what differs from the last state that was drawn for the same step. Without `pixels`, nothing is
    drawn: the answer tells what the state shows. `number` is repeated in the answer.
    """

    number: int
    step: int
    values: dict[str, float] = field(default_factory=dict)
    whole: bool = True
    pressed: tuple[str, ...] = ()
    pixels: bool = True


@dataclass(frozen=True, slots=True)
class PixelPatch:
    """A rectangle of a picture, in pixels; `rgba` has 4 * width * height bytes, row by row.

    Not compressed: on a loopback, compressing takes longer than sending.
    """

    x: int
    y: int
    width: int
    height: int
    rgba: bytes


@dataclass(frozen=True, slots=True)
class StatePicture:
    """A drawn state: its patches, the size of the whole picture, and what `hooks.read` returned."""

    number: int
    step: int
    size: tuple[int, int]
    patches: tuple[PixelPatch, ...]
    shown: Any
    seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """A state that can be returned to: the end of a beat, or of an animation.

    `time` is in seconds of the video.
    """

    name: str
    caption: str
    time: float


@dataclass(frozen=True, slots=True)
class SceneReady:
    """The scene has been played: its steps, its manifest, what `hooks.describe` returned.

    `files` are the paths that the scene has read.
    """

    steps: tuple[Step, ...]
    manifest: dict[str, Any]
    controls: Any
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SceneFailed:
    """The scene, or the state of request `number`, could not be made; `files` as in SceneReady."""

    error: TaskError
    number: int = -1
    files: tuple[str, ...] = ()


Answer = StatePicture | SceneReady | SceneFailed
