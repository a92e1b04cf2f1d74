"""Scenes made for measuring: as long, or as full, as asked for."""

from __future__ import annotations

from pathlib import Path

LENGTHS = (1, 4, 16)  # seconds
COUNTS = (10, 100, 400)
ALIKE = 4

_SOURCE = '''"""Scenes to measure with."""
from manim import *


class Crowd(Scene):
    count, seconds = 20, 4

    def construct(self):
        self.add(*[Square(0.3).move_to([i % 25 / 2 - 6, i // 25 / 2 - 3, 0])
                   for i in range(self.count)])
        walker = Circle(0.5, color=YELLOW, fill_opacity=0.5).shift(LEFT * 6)
        self.play(walker.animate.shift(RIGHT * 12), run_time=self.seconds)

'''


def write(path: Path) -> Path:
    """Write the scenes to `path`."""
    classes = [f"class Long{n}(Crowd): seconds = {n}" for n in LENGTHS]
    classes += [f"class Full{n}(Crowd): count = {n}" for n in COUNTS]
    classes += [f"class Alike{n}(Crowd): pass" for n in range(ALIKE)]
    path.write_text(_SOURCE + "\n".join(classes) + "\n")
    return path


def alike(count: int) -> list[str]:
    """The names of `count` scenes of the same cost."""
    return [f"Alike{n}" for n in range(count)]
