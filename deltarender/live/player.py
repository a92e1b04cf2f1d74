"""The process that plays a live scene once, and then draws the states asked for.

It is forked from a template that has imported the scene (scene_template.py). It exits when the
other end of its pipe closes, and all its checkpoints with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from deltarender.live.messages import (
    DrawState,
    LiveTask,
    PlayScene,
    SceneFailed,
    SceneReady,
    Step,
)
from deltarender.results import TaskError
from deltarender.workers.worker import exit_now

if TYPE_CHECKING:
    from deltarender.engine.read_tracker import ReadTracker
    from deltarender.engine.text_store import TextStore
    from deltarender.live.checkpoints import Checkpoints

DescribeError = Callable[[BaseException], TaskError]


@dataclass(frozen=True, slots=True)
class ImportedScene:
    """A scene class without parameters, and what its process was prepared with."""

    scene_class: type[Any]
    task: LiveTask
    store: TextStore
    tracker: ReadTracker
    describe_error: DescribeError


def main(pipe: Connection, imported: ImportedScene, request: PlayScene) -> None:
    """Play the scene and answer requests; never returns."""
    from deltarender.engine.text_cache import text_cache

    with suppress(EOFError, OSError):
        # A player that was killed may have left half a file in the folder of its own.
        with text_cache(imported.store, imported.task.folder / f"text-{os.getpid()}"):
            checkpoints = _played(pipe, imported, request)
        while checkpoints is not None:
            asked: DrawState = pipe.recv()
            pipe.send(checkpoints.draw(asked))
    exit_now()


def _played(pipe: Connection, imported: ImportedScene, request: PlayScene) -> Checkpoints | None:
    """Play the scene and send what it tells; None if it fails, of which the caller is told."""
    from deltarender.live.checkpoints import Checkpoints

    task, tracker, describe = imported.task, imported.tracker, imported.describe_error
    try:
        scene = _create(imported, request)
        checkpoints = Checkpoints(scene, task.hooks, describe, [pipe])
        send_first = partial(_send_first, pipe, request.first, checkpoints)
        _play(scene, checkpoints, send_first, task.hooks.extend)
    except BaseException as error:  # a scene may raise anything, SystemExit included
        tracker.stop()
        pipe.send(SceneFailed(describe(error), files=tuple(tracker.digests)))
        return None
    tracker.stop()
    pipe.send(_ready(scene, task, checkpoints, tuple(tracker.digests)))
    return checkpoints


def _create(imported: ImportedScene, request: PlayScene) -> Any:
    from deltarender.engine.dry_run import NullFileWriter
    from deltarender.engine.scene_loader import with_params
    from deltarender.engine.scene_setup import create_scene
    from deltarender.live.live_renderer import LiveRenderer

    target = imported.task.job.target
    chosen = with_params(imported.scene_class, dict(request.params), target)
    return create_scene(chosen, LiveRenderer, NullFileWriter)


def _play(scene: Any, checkpoints: Any, send_first: Callable[[], None], extend: str) -> None:
    """Play the scene with a checkpoint after each beat; without beats, after each animation."""
    from deltarender.engine.beat_scene import as_beat_scene
    from deltarender.engine.scene_setup import play_scene
    from deltarender.engine.scene_stills import import_function

    def keep(name: str, caption: str) -> None:
        checkpoints.add(Step(name, caption, float(scene.renderer.time)))
        send_first()

    beat_scene = as_beat_scene(scene)
    if beat_scene is not None:
        beat_scene.beat_observers.append(lambda _, beat: keep(beat.name, beat.caption))
    else:
        scene.renderer.after_play = lambda number: keep(f"animation {number}", "")
    play_scene(scene)
    if extend and (name := import_function(extend)(scene)):
        keep(name, "")
    if not checkpoints.steps:
        keep("end", "")


def _send_first(pipe: Connection, first: int, checkpoints: Any) -> None:
    if len(checkpoints.steps) == first + 1:
        pipe.send(checkpoints.draw(DrawState(0, first)))


def _ready(scene: Any, task: LiveTask, checkpoints: Any, files: tuple[str, ...]) -> SceneReady:
    from deltarender.engine.beat_scene import scene_manifest
    from deltarender.engine.scene_stills import import_function

    manifest = scene_manifest(scene, float(scene.camera.frame_rate))
    controls = import_function(task.hooks.describe)(scene) if task.hooks.describe else None
    return SceneReady(tuple(checkpoints.steps), manifest, controls, files)
