"""The same chance in several processes that play the same scene.

A scene that draws lots without a seed is another scene each time it is played. Where it is played
by several processes, each for a part of the film, all of them draw the same lots.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np


def seed_everything(seed: int) -> None:
    """Let `random`, numpy's generators and what Python takes from the system follow from `seed`."""
    source = random.Random(seed)
    # Seeds come from here where a scene gives none, for numpy's new generators too.
    random._urandom = source.randbytes  # type: ignore[attr-defined]
    own = random.Random.seed

    def seeded(self: random.Random, a: Any = None, version: int = 2) -> None:
        own(self, source.getrandbits(64) if a is None else a, version)

    random.Random.seed = seeded  # type: ignore[method-assign]
    # The module's own function is bound to the method of before, and Manim calls it without a seed.
    random.seed = random._inst.seed
    random.seed(seed)
    np.random.seed(seed % 2**32)
