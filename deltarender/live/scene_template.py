"""The body of a live scene's first process: it imports the scene once, and forks to play it.

Each time the scene is to be played with other parameters, a process is forked that has imported
all it needs. The process before it is killed. The template ends, and the player with it, when the
other end of its pipe closes.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

from deltarender.live import player
from deltarender.live.messages import LiveTask, PlayerStarted, PlayScene, SceneFailed
from deltarender.results import TaskError
from deltarender.workers.worker import describe_error, exit_now, redirect_output

EXIT_POLLS = 30  # of 10 ms each: a process closes its pipes just before it has ended


def main(control: Connection, task: LiveTask) -> None:
    """Import the scene of `task` and play it on each request; never returns."""
    os.setsid()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect_output(task.log)
    players = _Players(control)
    try:
        _serve(control, task, players)
    except (EOFError, OSError):
        pass
    finally:
        players.kill()
    exit_now()


def _serve(control: Connection, task: LiveTask, players: _Players) -> None:
    from deltarender.engine import asset_read_hooks, manim_config, read_tracker, text_cache
    from deltarender.engine.text_store import TextStore

    media = task.job.media_dir.resolve()
    store = TextStore(media / ".cache", text_cache.state_of_text())
    tracker = read_tracker.ReadTracker([media, task.folder])

    def describe(error: BaseException) -> TaskError:
        return describe_error(error, task.job)

    with text_cache.text_cache(store, task.folder / "text"):
        manim_config.configure(task.job, task.folder)
        asset_read_hooks.install_read_hooks(tracker.note, task.folder)
        try:
            scene = player.ImportedScene(_import(task), task, store, tracker, describe)
        except BaseException as error:  # a scene may raise anything, SystemExit included
            tracker.stop()
            failure = SceneFailed(describe(error), files=tuple(tracker.digests))
            _answer(control, lambda pipe, _: pipe.send(failure), players)
        gc.freeze()  # memory shared with the players would be copied by traversing it

        def play(pipe: Connection, request: PlayScene) -> None:
            if players.fork(pipe):
                player.main(pipe, scene, request)

        _answer(control, play, players)


def _answer(
    control: Connection, play: Callable[[Connection, PlayScene], None], players: _Players
) -> None:
    """Call `play` for each request to play; tell how a player has ended. Ends by EOFError."""
    while True:
        request: PlayScene | None = control.recv()
        if request is None:
            control.send(players.exit_code())
        else:
            with Connection(reduction.recv_handle(control)) as pipe:
                play(pipe, request)


def _import(task: LiveTask) -> type[Any]:
    """The scene's class; what its players and their hooks need is imported too."""
    from deltarender.engine import beat_scene, scene_setup  # noqa: F401
    from deltarender.engine.scene_loader import import_scene_class
    from deltarender.engine.scene_stills import import_function
    from deltarender.live import checkpoints, live_renderer  # noqa: F401

    scene_class = import_scene_class(task.job.target)
    for name in filter(None, astuple(task.hooks)):
        import_function(name)
    return scene_class


@dataclass(slots=True)
class _Players:
    """The process that plays now, if any; there is at most one."""

    control: Connection
    _pid: int = 0

    def fork(self, pipe: Connection) -> bool:
        """Kill the player before and fork a new one; True in the new process."""
        self.kill()
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            self._pid = 0
            self.control.close()
            pipe.send(PlayerStarted(os.getpid()))
            return True
        with suppress(OSError):  # the player has done it first, or has ended
            os.setpgid(pid, pid)
        self._pid = pid
        return False

    def kill(self) -> None:
        """Kill the player and its checkpoints."""
        if self._pid:
            with suppress(OSError):
                os.killpg(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def exit_code(self) -> int | None:
        """How the player has ended, negative for a signal; None if it only closed its pipe."""
        for _ in range(EXIT_POLLS if self._pid else 0):
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        self.kill()
        return None
