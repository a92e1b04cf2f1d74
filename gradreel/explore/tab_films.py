"""The files that a tab of the studio makes of its open scene: a video to play, a still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from deltarender.errors import UserFacingError
from deltarender.jobs import Job
from deltarender.live.messages import DrawState
from gradreel.explore.film_preview import FilmRender
from gradreel.explore.protocol import MakeStill
from gradreel.explore.state_still import write_still
from gradreel.explore.studio_session import StudioSession
from gradreel.lecture_settings import LectureSettings

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class TabFilms:
    """Renders for one tab; a new one replaces the one that runs."""

    def __init__(self, session: StudioSession, send: Send) -> None:
        self._session, self._send = session, send
        self._running: FilmRender | None = None

    def stop(self) -> None:
        """Give up the render that runs, if any."""
        if self._running is not None:
            self._running.stop()

    async def make(self, quality: str) -> None:
        """Render the open scene, and tell the page where its video is."""
        self.stop()
        loop = asyncio.get_running_loop()
        try:
            job = self._job(LectureSettings.of(quality, theme=self._session.settings.theme))
        except UserFacingError as error:
            await self._send({"kind": "film failed", "message": str(error)})
            return

        def report(frames: int) -> None:
            message = {"kind": "film progress", "frames": frames, "quality": quality}
            asyncio.run_coroutine_threadsafe(self._send(message), loop)

        film = self._running = FilmRender(job, report)
        result = await asyncio.to_thread(film.run)
        if result is None or film is not self._running:
            return
        if result.path is None:
            await self._send({"kind": "film failed", "message": result.error, "line": result.line})
            return
        name = result.path.relative_to(job.media_dir / "videos").as_posix()
        await self._send({
            "kind": "film", "quality": quality, "path": str(result.path),
            "url": f"/videos/{name}?{result.path.stat().st_mtime_ns}",
        })  # fmt: skip

    async def still(self, request: MakeStill) -> None:
        """Write a still of a state, and tell the page its path."""
        try:
            settings = LectureSettings.of(
                "h", format=request.format, theme=self._session.settings.theme
            )
            state = DrawState(
                0, request.state.step, request.state.values, True, request.state.pressed
            )
            path = await asyncio.to_thread(write_still, self._job(settings), state)
        except UserFacingError as error:
            await self._send({"kind": "still", "message": str(error)})
            return
        await self._send({"kind": "still", "message": f"written: {path}"})

    def _job(self, settings: LectureSettings) -> Job:
        current = self._session.current
        assert current is not None  # the page asks for films of an open scene only
        return self._session.scenes.job(current.scene, current.params, settings)
