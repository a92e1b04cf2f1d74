"""A film is rendered where neither torch nor gradreel can be imported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import av
import pytest

ROOT = Path(__file__).resolve().parents[2]
# Runs at the start of every Python process whose path has its folder: the command, the fork server.
SITECUSTOMIZE = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "gradreel"):
            raise ImportError(f"{name} is blocked by the test")
sys.meta_path.insert(0, Blocker())
"""
# The scene proves that the blocker works in the worker.
FILM = """
import sys
from manim import *
BLOCKED = ("torch", "gradreel")
class Main(Scene):
    def construct(self):
        assert not set(BLOCKED) & set(sys.modules), "already imported"
        for name in BLOCKED:
            try:
                __import__(name)
            except ImportError as error:
                assert "blocked by the test" in str(error)
            else:
                raise AssertionError(f"{name} can be imported")
        self.add(Dot())
        self.play(Create(Circle()), run_time=0.4)
        self.next_section("second")
        self.play(FadeIn(Square()), run_time=0.4)
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder / "blocker"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "deltarender.cli", "film.py", "--json", *arguments], cwd=folder,
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "note"),
    [([], None), (["--split", "2"], "made in 2 parts"), (["--format", "gif"], None)],
)
def test_a_manim_file_is_rendered_without_torch(
    options: list[str], note: str | None, tmp_path: Path
) -> None:
    (tmp_path / "blocker").mkdir()
    (tmp_path / "blocker" / "sitecustomize.py").write_text(SITECUSTOMIZE)
    (tmp_path / "film.py").write_text(FILM)
    done = run(tmp_path, "--resolution", "320,180", "--fps", "10", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert (result["status"], result.get("note")) == ("rendered", note)
    with av.open(str(tmp_path / result["path"])) as video:
        assert sum(1 for _ in video.decode(video=0)) == 8
    manifest = next((tmp_path / "media").rglob("Main*.json"))
    versions = json.loads(manifest.read_text())["fingerprint"]["versions"]
    assert "manim" in versions
    assert not {"torch", "gradreel"} & {name.lower() for name in versions}


def test_the_source_names_neither() -> None:
    """What a lecture needs is passed to the renderer as an argument."""
    names = re.compile(r"\btorch\b|gradreel", re.IGNORECASE)
    files = [*(ROOT / "deltarender").rglob("*.py"), *(ROOT / "deltarender").rglob("*.pyi")]
    assert len(files) > 50
    assert [path.name for path in files if names.search(path.read_text())] == []
