"""What a worker needs, imported once in the process that workers are forked from.

Nothing of the project's own drawing code is imported here: each scene imports what it uses, and
that is how it is known which scenes a change concerns.
"""

from __future__ import annotations

import threading

import tqdm  # type: ignore[import-untyped]

import deltarender.engine.library_reads
import deltarender.engine.manim_config  # noqa: F401

# Manim's progress bars would take a lock of the system's for every worker and never give it back.
tqdm.tqdm.set_lock(threading.RLock())
