"""The body of a live scene's process: play the scene once, then draw the states asked for.

It exits when the other end of its pipe closes, and all its checkpoints with it.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from deltarender.live.messages import DrawState, LiveTask, SceneFailed, SceneReady, Step
from deltarender.results import TaskError
from deltarender.workers.worker import describe_error, exit_now, redirect_output


class Abandoned(BaseException):
    """The caller has no more use for the scene while it is being played."""


def main(pipe: Connection, task: LiveTask) -> None:
    """Play the scene of `task` and answer requests; never returns."""
    os.setsid()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _abandon)
    redirect_output(task.log)
    with suppress(EOFError, OSError, Abandoned):
        _serve(pipe, task)
    exit_now()


def _abandon(*_: object) -> None:
    raise Abandoned


def _serve(pipe: Connection, task: LiveTask) -> None:
    from deltarender.engine import asset_read_hooks, manim_config, read_tracker, text_cache
    from deltarender.engine.text_store import TextStore
    from deltarender.live.checkpoints import Checkpoints

    media = task.job.media_dir.resolve()
    store = TextStore(media / ".cache", text_cache.state_of_text())
    tracker = read_tracker.ReadTracker([media, task.folder])

    def describe(error: BaseException) -> TaskError:
        return describe_error(error, task.job)

    try:
        with text_cache.text_cache(store, task.folder / "text"):
            manim_config.configure(task.job, task.folder)
            asset_read_hooks.install_read_hooks(tracker.note, task.folder)
            scene = _load(task)
            checkpoints = Checkpoints(scene, task.hooks, describe, [pipe])
            send_first = partial(_send_first, pipe, task.first, checkpoints)
            _play(scene, checkpoints, send_first, task.hooks.extend)
    except Abandoned:
        raise
    except BaseException as error:  # a scene may raise anything, SystemExit included
        tracker.stop()
        pipe.send(SceneFailed(describe(error), files=tuple(tracker.digests)))
        return
    tracker.stop()
    pipe.send(_ready(scene, task, checkpoints, tuple(tracker.digests)))
    while True:
        request: DrawState = pipe.recv()
        pipe.send(checkpoints.draw(request))


def _load(task: LiveTask) -> Any:
    from deltarender.engine.dry_run import NullFileWriter
    from deltarender.engine.scene_loader import load_scene_class
    from deltarender.engine.scene_setup import create_scene
    from deltarender.live.live_renderer import LiveRenderer

    scene_class = load_scene_class(task.job.target, dict(task.job.params))
    return create_scene(scene_class, LiveRenderer, NullFileWriter)


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
