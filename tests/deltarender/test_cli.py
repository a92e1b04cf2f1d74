"""The command `deltarender`: any Manim file to video, from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from deltarender import cli
from deltarender.cli_errors import exit_code_for, json_document
from deltarender.errors import RenderError

ROOT = Path(__file__).resolve().parents[2]
FILM = """
from manim import *
class First(Scene):
    def construct(self):
        self.play(Create(Circle()), run_time=0.4)
class Second(Scene):
    def construct(self):
        self.wait(0.2)
class Walk(Scene):
    def construct(self):
        self.play(FadeIn(Dot(radius=2)), run_time=0.2)
        self.wait(0.2)
        self.play(self.mobjects[0].animate.shift(RIGHT * 5), run_time=0.3)
class Broken(Scene):
    def construct(self):
        1 / 0
"""
TINY = ("--resolution", "320x180", "--fps", "10")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deltarender.cli", *arguments], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_named_scenes_of_a_file_are_rendered_and_then_fresh(tmp_path: Path) -> None:
    (tmp_path / "film.py").write_text(FILM)
    # A package or a script of the user's may have any name.
    (tmp_path / "scenes").mkdir()
    (tmp_path / "scenes" / "__init__.py").write_text("raise ImportError")
    (tmp_path / "render.py").write_text("raise ImportError")
    done = run(tmp_path, "film.py", "First", "Second", *TINY, "--json")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert [(r["scene"], r["status"]) for r in results] == [
        ("First", "rendered"), ("Second", "rendered"),
    ]  # fmt: skip
    with av.open(str(tmp_path / results[0]["path"])) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (320, 180, 4)
    again = run(tmp_path, "film.py", "First", *TINY)
    assert again.returncode == 0
    assert again.stdout.startswith("First\tfresh\t4\t")


@pytest.mark.slow
def test_a_scene_that_fails_exits_with_1_and_the_others_are_rendered(tmp_path: Path) -> None:
    (tmp_path / "film.py").write_text(FILM)
    done = run(tmp_path, "film.py", *TINY, "--json")
    assert done.returncode == 1
    statuses = {r["scene"]: r["status"] for r in json.loads(done.stdout)["results"]}
    assert statuses == {
        "First": "rendered",
        "Second": "rendered",
        "Walk": "rendered",
        "Broken": "failed",
    }
    assert "Broken failed: ZeroDivisionError" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["film.py", "Frist"], "Did you mean First?"),
        (["film.py:First", "Second"], "no scene is called 'First:Second'"),
        (["nowhere.py"], "there is no file nowhere.py"),
        (["film.py", "-q", "huge"], "huge"),
        (["film.py", "--resolution", "wide"], "'wide' is not a size"),
        (["film.py", "--transparent"], "cannot be transparent"),
        (["film.py", "-n", "2:3"], "'2:3' is not a range"),
        (["film.py", "-c", "#fff"], "is not a color"),
        (["film.py", "-s", "--format", "gif"], "-s writes a PNG"),
        (["film.py", "-o", "all.mp4"], "-o names one file"),
        ([], "FILE.py"),
    ],
)
def test_wrong_use_exits_with_2(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "film.py").write_text(FILM)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as leaving:
        cli.main(arguments)
    assert leaving.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "media").exists()


@pytest.mark.slow
def test_what_users_of_manim_ask_for(tmp_path: Path) -> None:
    (tmp_path / "film.py").write_text(FILM)
    (tmp_path / "viewer").write_text('#!/bin/sh\necho "$1" >> seen\n')
    (tmp_path / "viewer").chmod(0o755)
    (tmp_path / "manim.cfg").write_text("[CLI]\npreview_command = ./viewer\nmedia_dir = out\n")
    part = run(tmp_path, "film.py", "Walk", *TINY, "-n", "1,2", "-o", "part.mp4", "-p")
    assert part.returncode == 0, part.stderr
    with av.open(str(tmp_path / "part.mp4")) as video:
        assert video.streams.video[0].frames == 5
    still = run(tmp_path, "film.py", "Walk", *TINY, "-n", "0,1", "-s", "-c", "#ff0000", "-p")
    assert still.returncode == 0, still.stderr
    path = "out/videos/180p10/Walk_n0-1_ff0000.png"
    assert (tmp_path / "seen").read_text().split() == ["part.mp4", path]
    picture = np.asarray(Image.open(tmp_path / path).convert("RGB"))
    assert picture[0, 0].tolist() == [255, 0, 0]
    assert (picture[90, 160] == 255).all()  # the dot is not gone yet


def test_exit_codes_of_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_for(RenderError("it broke.", where="film.py"), "deltarender") == 1
    assert exit_code_for(KeyboardInterrupt(), "deltarender") == 130
    assert "film.py: it broke." in capsys.readouterr().err
    assert exit_code_for(ZeroDivisionError("by zero"), "deltarender") == 1
    log = Path(capsys.readouterr().err.split("details are in ")[1].partition("; ")[0])
    assert "ZeroDivisionError: by zero" in log.read_text()
    log.unlink()


def test_a_path_that_is_not_utf8_is_printed() -> None:
    path = os.fsdecode(b"m\xe9/A.mp4")
    assert json.loads(json_document({"path": path, "a": "é"})) == {"path": path, "a": "é"}
    assert json_document({"a": "é"}) == '{\n "a": "é"\n}'
    code = f"from deltarender.cli_errors import print_any_path; print_any_path(); print({path!r})"
    printed = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert printed == b"m\xe9/A.mp4\n"
