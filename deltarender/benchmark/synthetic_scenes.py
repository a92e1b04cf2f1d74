"""Manim scenes of a given length or number of mobjects, for benchmarks."""

from __future__ import annotations

from pathlib import Path

LENGTHS = (1, 4, 16)  # seconds, of the scenes Long1, Long4, ...
COUNTS = (10, 100, 400)  # mobjects, of the scenes Full10, Full100, ...
EQUAL_COST_SCENES = 4

_SOURCE = '''"""Scenes for benchmarks."""
from manim import *


class ManySquares(Scene):
    count, seconds = 20, 4

    def construct(self):
        self.add(*[Square(0.3).move_to([i % 25 / 2 - 6, i // 25 / 2 - 3, 0])
                   for i in range(self.count)])
        circle = Circle(0.5, color=YELLOW, fill_opacity=0.5).shift(LEFT * 6)
        self.play(circle.animate.shift(RIGHT * 12), run_time=self.seconds)

'''


def write(path: Path) -> Path:
    """Write a scene file to `path`."""
    classes = [f"class Long{n}(ManySquares): seconds = {n}" for n in LENGTHS]
    classes += [f"class Full{n}(ManySquares): count = {n}" for n in COUNTS]
    classes += [f"class Equal{n}(ManySquares): pass" for n in range(EQUAL_COST_SCENES)]
    path.write_text(_SOURCE + "\n".join(classes) + "\n")
    return path


def equal_cost_scenes(count: int) -> list[str]:
    """The names of `count` scenes that take the same time, at most EQUAL_COST_SCENES."""
    return [f"Equal{n}" for n in range(count)]
