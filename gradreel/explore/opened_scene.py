"""A scene that is opened to draw some states of it, one after the other."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deltarender.jobs import Job
from deltarender.live.messages import DrawState, LiveHooks, LiveTask, SceneFailed, SceneReady
from deltarender.live.session import LiveSession
from gradreel.errors import GradreelError, UsageError
from gradreel.lecture_settings import modules_to_preload

HOOKS = LiveHooks(
    "gradreel.explore.live_hooks:extend",
    "gradreel.explore.live_hooks:describe",
    "gradreel.explore.live_hooks:change",
    "gradreel.explore.live_hooks:read",
)
TIMEOUT_S = 120.0

Draw = Callable[[DrawState], Any]


@contextmanager
def open_scene(job: Job, hooks: LiveHooks = HOOKS) -> Iterator[tuple[SceneReady, Draw]]:
    """The played scene, and a function that draws a state of it.

    Raises UsageError where the scene fails, GradreelError if it does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="gradreel-explore-") as folder:
        answers: queue.Queue[Any] = queue.Queue()
        place = Path(folder)
        task = LiveTask(job, place, place / "log", hooks, preload=tuple(modules_to_preload(job)))
        session = LiveSession(task, answers.put)

        def draw(request: DrawState) -> Any:
            session.ask(request)
            return _next(answers, object)

        try:
            yield _next(answers, SceneReady), draw
        finally:
            session.close()


def _next(answers: queue.Queue[Any], kind: type) -> Any:
    try:
        answer = answers.get(timeout=TIMEOUT_S)
    except queue.Empty:
        raise GradreelError(f"the scene has not answered for {TIMEOUT_S:g} seconds.") from None
    if isinstance(answer, SceneFailed):
        raise UsageError(answer.error.message, where=answer.error.line)
    assert isinstance(answer, kind)
    return answer
