"""A scene in a Jupyter notebook, live: an anywidget with a scene's process behind it."""

from __future__ import annotations

import importlib.resources
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import anywidget

from deltarender.jobs import Job
from deltarender.live.messages import (
    Answer,
    DrawState,
    LiveTask,
    SceneFailed,
    SceneReady,
    StatePicture,
)
from deltarender.live.session import LiveSession
from gradreel.errors import UsageError
from gradreel.explore.opened_scene import HOOKS
from gradreel.explore.protocol import ShowState, parse_request
from gradreel.lecture_settings import modules_to_preload


class ExplorerWidget(anywidget.AnyWidget):
    """The scene of `job`, to touch. `close` ends its process, as does the end of the kernel."""

    _esm = importlib.resources.files("gradreel.explore").joinpath("widget.js").read_text("utf-8")

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._ready: dict[str, Any] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="gradreel-widget-"))
        self.on_msg(self._on_message)
        task = LiveTask(
            job, self._folder, self._folder / "log", HOOKS, preload=tuple(modules_to_preload(job))
        )
        self._session: LiveSession | None = LiveSession(task, self._receive)

    def close(self) -> None:
        """End the scene's process and remove the view."""
        if self._session is not None:
            self._session.close()
            self._session = None
            shutil.rmtree(self._folder, ignore_errors=True)
        super().close()

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        """What a view asks for: what can be touched, or a state."""
        if content == {"do": "describe"}:
            if self._ready is not None:
                self.send(self._ready)
            return
        try:
            request = parse_request(json.dumps(content))
        except UsageError as error:
            self.send({"kind": "failed", "message": str(error)})
            return
        if isinstance(request, ShowState) and self._session is not None:
            self._session.ask(
                DrawState(0, request.step, request.values, request.whole, request.pressed)
            )

    def _receive(self, answer: Answer) -> None:
        """Pass on what the scene's process says; called in a thread."""
        match answer:
            case SceneReady():
                claim = answer.manifest.get("claim", "")
                self._ready = {"kind": "ready", "controls": answer.controls, "claim": claim}
                self.send(self._ready)
            case StatePicture():
                patches = [[p.x, p.y, p.width, p.height] for p in answer.patches]
                self.send(
                    {"kind": "picture", "size": answer.size, "patches": patches,
                     "shown": answer.shown},
                    [p.rgba for p in answer.patches],
                )  # fmt: skip
            case SceneFailed():
                self.send({"kind": "failed", "message": answer.error.message})
