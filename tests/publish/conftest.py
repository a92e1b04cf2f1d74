"""A small scene whose manifest has three beats, rendered once per process."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradreel.lecture_settings import LectureSettings
from gradreel.publish.lecture_file import Lecture, LectureChapter, LecturePart

TINY = LectureSettings(320, 180, 10, captions=False)
SOURCE = '''"""A square moves."""
from manim import RIGHT, Scene, Square, UP


class {name}(Scene):
    beat_observers = []  # a part of the protocol; no observer is called
    steps = (
        ("{name} begins", "It * begins <here>.", False),
        ("on", "On and on.", True),
        ("end", "", False),
    )

    @classmethod
    def with_params(cls, raw):
        return cls

    def construct(self):
        square, self.rows = Square(), []
        self.add(square)
        for k, (name, say, loop) in enumerate(self.steps):
            self.next_section(name)
            start = self.time
            self.play(square.animate.shift(RIGHT if k % 2 else UP), run_time=0.5 + 0.3 * k)
            self.rows.append({{"name": name, "say": say, "start": start, "end": self.time,
                "loop": loop, "numbers": [{{"text": str(k), "value": k, "source": "input"}}]}})

    def manifest(self):
        return {{"scene": "{name}", "claim": "{name} is a square", "inputs": {{}},
            "beats": self.rows, "tape": None,
            "sweep": {{"times": [0, 0.5], "readings": {{"f'(x)": ["-4.00", "2.50"]}}}}}}
'''


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder shared by all tests of a process, so that each scene is rendered once."""
    return tmp_path_factory.mktemp("published")


@pytest.fixture(scope="session")
def lecture(media: Path) -> Lecture:
    """Two chapters, two scenes."""
    parts = []
    for name in ("First", "Second"):
        file = media / f"{name.lower()}.py"
        file.write_text(SOURCE.format(name=name))
        parts.append(LecturePart(file, name, name))
    return Lecture(
        "Two squares", (LectureChapter("One", (parts[0],)), LectureChapter("Two", (parts[1],)))
    )
