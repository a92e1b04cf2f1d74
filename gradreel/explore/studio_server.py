"""The studio's server: one page, its WebSocket, and the videos that the page plays."""

from __future__ import annotations

import asyncio
import importlib.resources
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gradreel.errors import UsageError
from gradreel.explore.access import AccessGuard
from gradreel.explore.film_preview import video_in
from gradreel.explore.protocol import MakeFilm, MakeStill, OpenScene, ShowState, parse_request
from gradreel.explore.scene_list import SceneList
from gradreel.explore.studio_session import StudioSession
from gradreel.explore.tab_films import TabFilms
from gradreel.explore.watch import watch_files
from gradreel.lecture_settings import LectureSettings

ADDRESS = "127.0.0.1"


class Studio:
    """The application. `scenes` are offered, `settings` are those of the live picture."""

    def __init__(self, scenes: SceneList, settings: LectureSettings) -> None:
        self.scenes, self.settings = scenes, settings

    def app(self) -> Starlette:
        """The ASGI application, without the access guard."""
        routes = [
            Route("/", self.page),
            Route("/scenes", self.list_scenes),
            Route("/videos/{name:path}", self.video),
            WebSocketRoute("/live", self.live),
        ]
        return Starlette(routes=routes)

    async def page(self, _: HttpRequest) -> Response:
        """The page; everything it shows comes through the other routes."""
        page = importlib.resources.files("gradreel.explore").joinpath("studio.html")
        return HTMLResponse(page.read_text("utf-8"))

    async def list_scenes(self, _: HttpRequest) -> Response:
        """The scenes, and which one is open at first."""
        return JSONResponse({"scenes": self.scenes.describe(), "first": self.scenes.first})

    async def video(self, request: HttpRequest) -> Response:
        """A video below the media folder; the browser asks for ranges of it."""
        path = video_in(self.scenes.media, request.path_params["name"])
        return FileResponse(path) if path else Response(status_code=404)

    async def live(self, socket: WebSocket) -> None:
        """One tab: its messages until it is closed."""
        await socket.accept()
        lock = asyncio.Lock()

        async def send(message: dict[str, Any] | bytes) -> None:
            async with lock:
                with suppress(RuntimeError, WebSocketDisconnect):  # the tab is closed
                    if isinstance(message, bytes):
                        await socket.send_bytes(message)
                    else:
                        await socket.send_text(json.dumps(message, ensure_ascii=False))

        session = StudioSession(self.scenes, self.settings, send)
        films = TabFilms(session, send)
        helpers = [session.watch_limits(), watch_files(session)]
        async with _background(*helpers) as start:
            try:
                while True:
                    await self._handle(await socket.receive_text(), session, films, send, start)
            except WebSocketDisconnect:
                pass
            finally:
                films.stop()
                await session.close()

    async def _handle(
        self, text: str, session: StudioSession, films: TabFilms,
        send: Callable[[dict[str, Any]], Awaitable[None]],
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:  # fmt: skip
        try:
            request = parse_request(text)
        except UsageError as error:
            await send({"kind": "failed", "message": str(error), "line": ""})
            return
        match request:
            case OpenScene():
                films.stop()
                start(session.open(request))
            case ShowState():
                await session.show(request)
            case MakeFilm():
                start(films.make(request.quality))
            case MakeStill():
                start(films.still(request))


@asynccontextmanager
async def _background(
    *first: Coroutine[Any, Any, None],
) -> AsyncIterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Run coroutines beside the block, and those it starts; cancel them when it ends."""
    tasks: set[asyncio.Task[None]] = set()

    def start(coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    for coroutine in first:
        start(coroutine)
    try:
        yield start
    finally:
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def bind(port: int) -> socket.socket:
    """A listening socket on this machine alone. Raises UsageError for a port that is in use."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
        listener.listen()  # whoever comes before the server is ready waits
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} cannot be used: {error.strerror}.",
            where="--port",
            hint="Leave --port out, and a free one is taken.",
        ) from None
    return listener


def serve(studio: Studio, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Serve until an interrupt. `announce` is called with the address, which contains the token."""
    port = listener.getsockname()[1]
    guard = AccessGuard(studio.app(), port)
    config = uvicorn.Config(
        guard, log_level="error", ws="websockets-sansio", ws_per_message_deflate=False,
        ws_max_size=200_000, timeout_graceful_shutdown=1, lifespan="off",
    )  # fmt: skip
    announce(f"http://{ADDRESS}:{port}/?token={guard.token}")
    uvicorn.Server(config).run(sockets=[listener])
