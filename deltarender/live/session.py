"""A live scene as its caller sees it: start it, ask for states, be told what arrives, end it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from deltarender.live.live_worker import main
from deltarender.live.messages import Answer, DrawState, LiveTask, SceneFailed
from deltarender.results import TaskError
from deltarender.workers import forkserver

GRACE_S = 0.3  # for a process to end by itself before it is killed


class LiveSession:
    """One scene in a process of its own. `listen` is called with each Answer, from a thread."""

    def __init__(self, task: LiveTask, listen: Callable[[Answer], None]) -> None:
        self.task = task
        self._listen = listen
        self._closed = False
        context = forkserver.context(task.preload)
        self._pipe, theirs = context.Pipe()
        self._process: Any = context.Process(target=main, args=(theirs, task), daemon=False)
        forkserver.launch(self._process)
        theirs.close()
        threading.Thread(target=self._receive, daemon=True).start()

    @property
    def pid(self) -> int:
        """The process that plays the scene; its checkpoints are in its process group."""
        return int(self._process.pid)

    def ask(self, request: DrawState) -> None:
        """Ask for a state; the answer goes to `listen`. Nothing happens after `close`."""
        with suppress(OSError, ValueError):
            self._pipe.send(request)

    def close(self, reason: str = "") -> None:
        """End the scene's processes. With `reason`, `listen` is told that it was ended for it."""
        if self._closed:
            return
        self._closed = True
        with suppress(OSError):
            self._process.terminate()
        self._process.join(GRACE_S)
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        self._pipe.close()
        if reason:
            self._listen(SceneFailed(TaskError(reason)))

    def _receive(self) -> None:
        failed = False
        while True:
            try:
                answer: Answer = self._pipe.recv()
            except (EOFError, OSError, TypeError):  # TypeError: closed while waiting
                break
            failed = isinstance(answer, SceneFailed) and answer.number < 0
            if not self._closed:
                self._listen(answer)
        if not self._closed and not failed:  # after a failure the process ends
            self._process.join(GRACE_S)
            code = self._process.exitcode
            self._listen(SceneFailed(TaskError(f"the scene's process has ended (exit {code}).")))
