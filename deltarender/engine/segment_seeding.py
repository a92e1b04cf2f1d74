"""Repeatable random numbers for several processes that play the same scene.

A scene that uses random numbers without a seed differs each time it is played. Where several
processes play it, each for a segment of the video, all of them use the same seed.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np


def seed_everything(seed: int) -> None:
    """Seed `random`, numpy's generators and the entropy that Python takes from the system."""
    source = random.Random(seed)
    # The source of seeds where a scene gives none, for numpy's new generators too.
    random._urandom = source.randbytes  # type: ignore[attr-defined]
    original = random.Random.seed

    def seeded(self: random.Random, a: Any = None, version: int = 2) -> None:
        original(self, source.getrandbits(64) if a is None else a, version)

    random.Random.seed = seeded  # type: ignore[method-assign]
    # The module's function is bound to the old method, and Manim calls it without a seed.
    random.seed = random._inst.seed
    random.seed(seed)
    np.random.seed(seed % 2**32)
