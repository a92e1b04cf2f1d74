"""One tab of the studio: the open scene, what the page asks of it, and what it is sent.

All methods run in the event loop; what blocks is done in threads. A newer request of one kind
replaces an older one that has not begun, so nothing piles up.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltarender.errors import UserFacingError
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
from gradreel.explore.opened_scene import HOOKS
from gradreel.explore.protocol import OpenScene, ShowState, encode_picture
from gradreel.explore.scene_list import SceneList
from gradreel.lecture_settings import LectureSettings, modules_to_preload

OPEN_TIMEOUT_S = 60.0  # for a scene to be played undrawn
DRAW_TIMEOUT_S = 10.0  # for one state
LIMITS_EVERY_S = 0.5
MEMORY_LIMIT = 2 << 30  # bytes of one scene's processes

Send = Callable[[dict[str, Any] | bytes], Coroutine[Any, Any, None]]


class StudioSession:
    """The open scene of one tab. `send` delivers a message to the page."""

    def __init__(self, scenes: SceneList, settings: LectureSettings, send: Send) -> None:
        self.scenes, self.settings = scenes, settings
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._folder = Path(tempfile.mkdtemp(prefix="gradreel-studio-"))
        self._live: LiveSession | None = None
        self._wanted: OpenScene | None = None  # the newest open request that has not begun
        self._opening = asyncio.Lock()
        self._stale = False  # whether files of the open scene have changed since it was imported
        self._pending: ShowState | None = None  # the newest state that has not been asked for
        self._waiting_since = 0.0  # when the answer that is awaited was asked for; 0 for none
        self._deadline_s = 0.0
        self.current: OpenScene | None = None
        self.files: tuple[str, ...] = ()
        self.steps: tuple[str, ...] = ()
        self.changed = asyncio.Event()  # set when `files` is another list

    async def open(self, request: OpenScene) -> None:
        """Construct a scene; what is being constructed is given up.

        The scene that is open is imported again only if its files have changed.
        """
        self._wanted = request
        async with self._opening:
            if self._wanted is not request:
                return
            self._wanted = None
            try:
                job = self.scenes.job(request.scene, request.params, self.settings)
                same = self.current is not None and self.current.scene == request.scene
                self.current, self._pending, self.steps = request, None, ()
                dead = self._live is not None and not self._live.is_alive()
                if not same or self._stale or dead:
                    self._stale = False
                    await self._close_live()
                self._expect(OPEN_TIMEOUT_S)
                await self._play(job, request)
            except UserFacingError as error:
                self._waiting_since = 0.0
                await self._send({"kind": "failed", "message": str(error), "line": ""})

    async def _play(self, job: Job, request: OpenScene) -> None:
        """Play a scene, in the process that has imported it if there is one."""
        if self._live is not None:
            play, listen = self._live.play, self._listener()
            await asyncio.to_thread(play, job.params, request.step, listen)
            return
        task = LiveTask(
            job, self._folder, self._folder / "log", HOOKS, request.step,
            tuple(modules_to_preload(job)),
        )  # fmt: skip
        self._live = await asyncio.to_thread(LiveSession, task, self._listener())

    async def reopen(self, changed: Sequence[str]) -> None:
        """Construct the open scene again, since these files of it have changed."""
        if self.current is not None:
            names = [Path(file).name for file in changed]
            await self._send({"kind": "reopening", "files": names})
            self._stale = True
            await self.open(replace(self.current))

    async def show(self, request: ShowState) -> None:
        """Draw a state, after the one that is being drawn."""
        self._pending = request
        if not self._waiting_since:
            self._ask_pending()

    async def watch_limits(self) -> None:
        """End a scene that takes too long or too much memory; runs until it is cancelled."""
        while True:
            await asyncio.sleep(LIMITS_EVERY_S)
            live = self._live
            if live is None:
                continue
            if self._waiting_since and time.monotonic() - self._waiting_since > self._deadline_s:
                reason = f"the scene has not answered for {self._deadline_s:g} seconds: ended."
            elif live.memory() > MEMORY_LIMIT:
                reason = f"the scene uses more than {MEMORY_LIMIT >> 20} MB of memory: ended."
            else:
                continue
            self._live, self._waiting_since = None, 0.0
            await asyncio.to_thread(live.close)
            await self._send({"kind": "failed", "message": reason, "line": ""})

    async def close(self) -> None:
        """End the scene's processes and remove the temporary files."""
        async with self._opening:
            await self._close_live()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _close_live(self) -> None:
        live, self._live = self._live, None
        self._waiting_since = 0.0
        if live is not None:
            await asyncio.to_thread(live.close)

    def _expect(self, seconds: float) -> None:
        self._waiting_since, self._deadline_s = time.monotonic(), seconds

    def _ask_pending(self) -> None:
        request, self._pending = self._pending, None
        if request is not None and self._live is not None:
            self._expect(DRAW_TIMEOUT_S)
            self._live.ask(
                DrawState(0, request.step, request.values, request.whole, request.pressed)
            )

    def _listener(self) -> Callable[[Answer], None]:
        """A function for the session's thread that passes answers on to the event loop."""
        request = self.current

        def listen(answer: Answer) -> None:
            asyncio.run_coroutine_threadsafe(self._receive(request, answer), self._loop)

        return listen

    async def _receive(self, request: OpenScene | None, answer: Answer) -> None:
        if request is not self.current:
            return  # of a scene that was given up
        match answer:
            case StatePicture():
                await self._send(encode_picture(answer))
                if self.steps and self._live is not None:
                    self._waiting_since = 0.0
            case SceneReady():
                self._waiting_since = 0.0
                self._set_files(answer.files)
                self.steps = tuple(step.name for step in answer.steps)
                await self._send(_ready_message(answer))
            case SceneFailed():
                self._waiting_since = 0.0
                if answer.files:
                    self._set_files(answer.files)
                error = answer.error
                await self._send({
                    "kind": "failed", "message": error.message, "line": error.line,
                    "usage": error.usage,
                })  # fmt: skip
        if not self._waiting_since:
            self._ask_pending()

    def _set_files(self, files: tuple[str, ...]) -> None:
        if files != self.files:
            self.files = files
            self.changed.set()


def _ready_message(ready: SceneReady) -> dict[str, Any]:
    steps = [{"name": s.name, "caption": s.caption, "time": s.time} for s in ready.steps]
    beats = ready.manifest.get("beats", [])
    return {"kind": "ready", "steps": steps, "controls": ready.controls, "beats": beats}
