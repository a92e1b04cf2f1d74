"""A live scene as its caller sees it: start it, ask for states, be told what arrives, end it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe, reduction
from multiprocessing.connection import Connection
from typing import Any

from deltarender.live.messages import (
    Answer,
    DrawState,
    LiveTask,
    PlayerStarted,
    PlayScene,
    SceneFailed,
)
from deltarender.live.scene_template import main
from deltarender.results import TaskError
from deltarender.workers import forkserver
from deltarender.workers.memory import memory_of_group

GRACE_S = 0.3  # for a process to end by itself before it is killed

Listen = Callable[[Answer], None]
Params = tuple[tuple[str, str], ...]


class LiveSession:
    """One scene in processes of its own. `listen` is called with each Answer, from a thread."""

    def __init__(self, task: LiveTask, listen: Listen) -> None:
        self.task = task
        self._closed = False
        self._lock = threading.Lock()  # for one conversation at a time with the template
        self._player: _Player | None = None
        context = forkserver.context(task.preload)
        self._control, theirs = context.Pipe()
        self._template: Any = context.Process(target=main, args=(theirs, task), daemon=False)
        forkserver.launch(self._template)
        theirs.close()
        self.play(task.job.params, task.first, listen)

    def play(self, params: Params, first: int, listen: Listen) -> None:
        """Play the scene anew with other parameters, without importing it again.

        What it was asked before is given up; from now on `listen` is called.
        """
        ours, theirs = Pipe()
        with self._lock, suppress(OSError):  # a template that has ended is told by the pipe
            if self._player is not None:
                self._player.given_up = True
                if not self.is_alive():  # else the template ends it
                    self._player.kill()
            self._player = player = _Player(ours, listen)
            self._control.send(PlayScene(params, first))
            reduction.send_handle(self._control, theirs.fileno(), self._template.pid)
        theirs.close()
        threading.Thread(target=self._receive, args=(player,), daemon=True).start()

    @property
    def pids(self) -> list[int]:
        """The leaders of the groups of processes that the scene has now."""
        player = self._player.pid if self._player else 0
        return [self._template.pid, *([player] if player else [])]

    def is_alive(self) -> bool:
        """Whether the scene can be played again: its template may have been killed."""
        alive: bool = self._template.is_alive()
        return alive

    def memory(self) -> int:
        """Bytes that the scene's processes hold."""
        return sum(memory_of_group(pid) for pid in self.pids)

    def ask(self, request: DrawState) -> None:
        """Ask for a state; the answer goes to `listen`. Nothing happens after `close`."""
        if self._player is not None:
            with suppress(OSError, ValueError):
                self._player.pipe.send(request)

    def close(self, reason: str = "") -> None:
        """End the scene's processes. With `reason`, the listener is told that it ended for it."""
        if self._closed:
            return
        self._closed = True
        self._control.close()  # upon which the template ends
        player = self._player
        if player is not None:
            player.kill()
        self._template.join(GRACE_S)
        with suppress(OSError):
            os.killpg(self._template.pid, signal.SIGKILL)
        if reason and player is not None:
            player.listen(SceneFailed(TaskError(reason)))

    def _receive(self, player: _Player) -> None:
        failed = False
        with player.pipe:
            while True:
                try:
                    answer: Any = player.pipe.recv()
                except (EOFError, OSError):
                    break
                if isinstance(answer, PlayerStarted):
                    player.pid = answer.pid
                    continue
                failed = isinstance(answer, SceneFailed) and answer.number < 0
                if not (self._closed or player.given_up):
                    player.listen(answer)
        with self._lock:
            player.pid = 0  # which may soon belong to another
            if self._closed or player.given_up or failed:  # after a failure the player ends
                return
            code = self._exit_code()
        player.listen(SceneFailed(TaskError(f"the scene's process has ended (exit {code}).")))

    def _exit_code(self) -> int | None:
        """How the player has ended, or the template, if it has."""
        try:
            self._control.send(None)
            code: int = self._control.recv()
        except (EOFError, OSError):
            self._template.join(GRACE_S)
            ended: int | None = self._template.exitcode
            return ended
        return code


class _Player:
    """One playing of the scene: its pipe, its listener, and its process, once that is known."""

    def __init__(self, pipe: Connection, listen: Listen) -> None:
        self.pipe, self.listen = pipe, listen
        self.pid = 0
        self.given_up = False

    def kill(self) -> None:
        """Kill its process and its checkpoints."""
        if self.pid:
            with suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
