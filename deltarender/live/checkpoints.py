"""States of a scene that can be returned to: a forked process for each step of the scene.

Manim cannot play backwards, and its mobjects cannot be copied reliably with their updaters. A fork
of the whole process can: memory is shared until it is written to, so a state costs a few MB.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from deltarender.engine.scene_stills import import_function
from deltarender.live.messages import (
    Answer,
    DrawState,
    LiveHooks,
    SceneFailed,
    StatePicture,
    Step,
)
from deltarender.results import TaskError

DescribeError = Callable[[BaseException], TaskError]


@dataclass(slots=True)
class Checkpoints:
    """The steps of `scene` so far, each kept by a process that draws its state on request.

    `inherited` are connections that those processes must close, so that their ends are noticed.
    """

    scene: Any
    hooks: LiveHooks
    describe_error: DescribeError
    inherited: list[Connection] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    _pipes: list[Connection] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Keep the scene's present state as `step`."""
        ours, theirs = Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        if os.fork() == 0:
            ours.close()
            for connection in (*self._pipes, *self.inherited):
                connection.close()
            self._serve(theirs, len(self.steps))
        theirs.close()
        self.steps.append(step)
        self._pipes.append(ours)

    def draw(self, request: DrawState) -> Answer:
        """The state that `request` names."""
        number = min(max(request.step, -len(self.steps)), len(self.steps) - 1)
        pipe = self._pipes[number]
        try:
            pipe.send(request)
            answer: Answer = pipe.recv()
        except (EOFError, OSError):
            error = TaskError("the process that kept this state has ended.")
            return SceneFailed(error, request.number)
        return answer

    def _serve(self, pipe: Connection, step: int) -> None:
        """Draw states until the other end of the pipe closes; never returns."""
        gc.freeze()  # shared memory would be copied by traversing it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with suppress(EOFError, OSError, KeyboardInterrupt):
            while True:
                request: DrawState = pipe.recv()
                pipe.send(self._answer(request, step))
        os._exit(0)

    def _answer(self, request: DrawState, step: int) -> Answer:
        start = time.perf_counter()
        try:
            return self._picture(request, step, start)
        except BaseException as error:  # a scene may raise anything, SystemExit included
            return SceneFailed(self.describe_error(error), request.number)

    def _picture(self, request: DrawState, step: int, start: float) -> StatePicture:
        scene, hooks = self.scene, self.hooks
        if hooks.change:
            import_function(hooks.change)(scene, request.values, request.pressed)
        patches = scene.renderer.draw_changes(scene, whole=request.whole) if request.pixels else ()
        shown = import_function(hooks.read)(scene) if hooks.read else None
        camera = scene.renderer.camera
        size = (camera.pixel_width, camera.pixel_height)
        seconds = time.perf_counter() - start
        return StatePicture(request.number, step, size, patches, shown, seconds)
