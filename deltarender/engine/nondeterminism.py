"""What a scene asks for besides files: variables, the time, random numbers, programs, the network.

Variables are facts. The others cannot be looked up again: they are causes for which a picture may
depend on more than is known.
"""

from __future__ import annotations

import os
import random
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from deltarender import _native
from deltarender.engine.library_folders import Folders
from deltarender.engine.patching import Patch

_TEST = "tests/deltarender/engine/test_nondeterminism.py::"
# Variables that describe the terminal, the session or this process. They count only if the
# project's own code asks for them, as libraries do for other purposes than pictures.
SESSION_VARIABLES = frozenset(
    {
        "COLORTERM", "COLUMNS", "DISPLAY", "FORCE_COLOR", "HOME", "LINES", "LOGNAME", "NO_COLOR",
        "OLDPWD", "PATH", "PWD", "PYTHONPATH", "SHELL", "SHLVL", "TEMP", "TERM", "TERM_PROGRAM",
        "TMP", "TMPDIR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "USER", "USERNAME",
        "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
    }
)  # fmt: skip
# Set by the renderer itself, or about speed alone.
OWN_PREFIXES = ("PYTHON", "MALLOC_", "OMP_", "OPENBLAS_", "MKL_", "KMP_", "GOTO_", "LD_", "JPY_")
# Code that asks for the time or random numbers for itself, not for what it is asked to do.
INCIDENTAL = (
    "logging", "threading", "queue", "concurrent", "multiprocessing", "subprocess", "selectors",
    "asyncio", "tempfile", "importlib", "zipfile", "zipimport", "manim", "rich", "tqdm", "pydub",
    "deltarender",
)  # fmt: skip
_MAPPINGS = ("os", "collections.abc", "_collections_abc")
CAUSES = {
    _native.EVENT_CLOCK: "the time", _native.EVENT_NETWORK: "the network",
    _native.EVENT_RANDOM: "random numbers without a seed",
}  # fmt: skip

_forking = [False]  # Python itself takes random numbers after a fork

os.register_at_fork(
    before=lambda: _forking.__setitem__(0, True),
    after_in_parent=lambda: _forking.__setitem__(0, False),
    after_in_child=lambda: _forking.__setitem__(0, False),
)


class Surroundings:
    """What was asked for since construction; the hooks are given by `patches`."""

    def __init__(self, folders: Folders, ignored: frozenset[str] = frozenset()) -> None:
        self.variables: dict[str, str | None] = {}  # values when they were first asked for
        self.all_variables = False
        self.at_start = dict(os.environ)
        self._folders = folders
        self._ignored = ignored
        self._own: set[str] = set()
        self._iterated: deque[str] = deque()
        self._states = _random_states()
        self._seeded = False
        self.used_random = False

    def is_of_scene(self, kind: int) -> bool:
        """Whether the code that runs now was called by the project's code, for its own purpose."""
        return not _forking[0] and self._asked_by_project(sys._getframe(1))

    def _asked_by_project(self, frame: Any) -> bool:
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith("/") and self._folders.is_project(name):
                return True
            module = frame.f_globals.get("__name__") or ""
            if "importlib" in name or module.partition(".")[0] in INCIDENTAL:
                return False
            frame = frame.f_back
        return False

    def patches(self) -> tuple[Patch, ...]:
        """The hooks, as a table."""
        environ: Any = os._Environ
        reason = "a picture may depend on a variable"
        test = _TEST + "test_variables_that_a_scene_asks_for_are_noted"
        random_test = _TEST + "test_random_numbers_are_a_cause_unless_they_are_seeded"
        get, set_, iterate = (
            vars(environ)[name] for name in ("__getitem__", "__setitem__", "__iter__")
        )

        def get_item(mapping: Any, name: str) -> Any:
            self._note_variable(mapping, name)
            return get(mapping, name)

        def set_item(mapping: Any, name: str, value: str) -> None:
            if mapping is os.environ and name not in self.variables:
                self._own.add(name)
            set_(mapping, name, value)

        def iterator(mapping: Any) -> Iterator[Any]:
            names = list(iterate(mapping))
            self._iterated = deque(names)
            self.all_variables |= self._asked_directly(sys._getframe(1))
            return iter(names)

        return (
            Patch(environ, "__getitem__", get_item, reason, test),
            Patch(environ, "__setitem__", set_item, reason, test),
            Patch(environ, "__iter__", iterator, reason, test),
            Patch(random, "seed", self._seeder(random.seed), "seeds decide", random_test),
            Patch(np.random, "seed", self._seeder(np.random.seed), "seeds decide", random_test),
        )

    def _note_variable(self, mapping: Any, name: object) -> None:
        if self._iterated and self._iterated[0] == name:
            self._iterated.popleft()
            return
        self._iterated.clear()
        if mapping is not os.environ or not isinstance(name, str) or name in self.variables:
            return
        if _counts(name, self._ignored | self._own) and (
            name not in SESSION_VARIABLES or self._asked_directly(sys._getframe(2))
        ):
            self._iterated.append(name)  # not to note it once more
            self.variables[name] = mapping.get(name)

    def _asked_directly(self, frame: Any) -> bool:
        """Whether the project's code asks, if only through functions of `os`."""
        while frame is not None and frame.f_globals.get("__name__") in _MAPPINGS:
            frame = frame.f_back
        return frame is not None and self._folders.is_project(frame.f_code.co_filename)

    def note_variable_in_c(self, name: str) -> None:
        """A library has asked for a variable in C."""
        if name not in SESSION_VARIABLES and _counts(name, self._ignored | self._own):
            self.variables.setdefault(name, self.at_start.get(name))

    def _seeder(self, original: Any) -> Any:
        def seed(*arguments: Any, **options: Any) -> Any:
            self._look_at_random()
            result = original(*arguments, **options)
            value = arguments[0] if arguments else next(iter(options.values()), None)
            self._seeded |= value is not None
            self._states = _random_states()
            return result

        return seed

    def _look_at_random(self) -> None:
        """Notice numbers that were drawn before a seed was given."""
        if not self._seeded and self._states != _random_states():
            self.used_random = True

    def causes(self, events: Any) -> list[str]:
        """What the picture may depend on, in words, in order of the alphabet."""
        self._look_at_random()
        found = {CAUSES[event.kind] for event in events if event.kind in CAUSES}
        found |= {
            f"a program that it starts: {_program(event.path)}"
            for event in events
            if event.kind == _native.EVENT_PROGRAM
        }
        if self.used_random:
            found.add(CAUSES[_native.EVENT_RANDOM])
        if self.all_variables:
            found.add("all environment variables")
        return sorted(found)


def _counts(name: str, ignored: frozenset[str] | set[str]) -> bool:
    return name not in ignored and not name.startswith(OWN_PREFIXES)


def _program(path: bytes) -> str:
    return os.path.basename(path.decode(errors="replace").partition(" ")[0])


def _random_states() -> tuple[Any, ...]:
    state: Any = np.random.get_state(legacy=True)
    return (random.getstate(), state[1].tobytes(), *state[2:])
