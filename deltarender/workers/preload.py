"""Imports done once, in the process from which workers are forked.

Drawing code of projects is not imported here: each scene imports what it uses, and from that it is
known which scenes a change concerns.

Where Manim cannot be imported, the process ends without a word: whoever started it finds out why
(forkserver.py), and says it once.
"""

from __future__ import annotations

import threading

from deltarender.workers.import_problem import import_problem
from deltarender.workers.skipped_imports import lean_manim

with lean_manim():
    if any(import_problem()):
        raise SystemExit(1)

# ruff: noqa: E402
import tqdm  # type: ignore[import-untyped]

import deltarender.engine.asset_read_hooks
import deltarender.engine.manim_config  # noqa: F401
from deltarender import cache_key
from deltarender.engine import read_tracker

# Manim's progress bars would create a system-wide lock in every worker and never release it.
tqdm.tqdm.set_lock(threading.RLock())
cache_key.warm_up()
read_tracker.warm_up()
