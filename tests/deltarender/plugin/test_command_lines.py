"""The same command lines of `manim`, with the plugin and without: same files, same frames."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import wave
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

RUNNER = Path(__file__).with_name("command_lines.py")
FILM = """
from manim import *
class Main(Scene):
    def construct(self):
        circle = Circle().set_fill(BLUE, 0.5)
        self.play(Create(circle), subcaption="a circle")
        self.add_sound("../../beep.wav")
        self.next_section("two parts")
        self.add(Square().add_updater(lambda m, dt: m.rotate(dt)))
        self.wait(0.5)
        self.play(circle.animate.shift(RIGHT))
        self.next_section("left out", skip_animations=True)
        self.play(FadeOut(circle))
        self.next_section("a pause")
        self.wait(0.4)
        self.wait(0.1)
class Tilted(ThreeDScene):
    def construct(self):
        self.set_camera_orientation(phi=1, theta=0.5)
        self.play(Create(Cube(fill_opacity=0.7)), run_time=0.3)
class Still(Scene):
    def construct(self):
        self.add(Dot())
class Broken(Scene):
    def construct(self):
        self.wait(0.2)
        self.play(FadeIn(Dot()))
        1 / 0
"""
TINY = ("-r", "160,90", "--fps", "10", "--progress_bar", "none")
LINES: Mapping[str, tuple[str, ...]] = {
    "default": ("film.py", "Main", *TINY),
    "all": ("-a", "film.py", "--disable_caching", *TINY),
    "range": ("-n", "1,2", "film.py", "Main", *TINY),
    "last": ("-s", "film.py", "Main", *TINY),
    "no_play": ("film.py", "Still", *TINY),
    "name": ("-o", "mine", "film.py", "Main", "--media_dir", "elsewhere", *TINY),
    "transparent": ("-t", "film.py", "Main", *TINY),
    "mov": ("--format", "mov", "film.py", "Tilted", *TINY),
    "webm": ("--format", "webm", "film.py", "Tilted", *TINY),
    "gif": ("--format", "gif", "film.py", "Main", *TINY),
    "pictures": ("--format", "png-sequence", "-0", "3", "film.py", "Main", *TINY),
    "codec": ("--encoder-option", "qp=0", "film.py", "Main", *TINY),
    "sections": ("--save_sections", "film.py", "Main", *TINY),
    "preview": ("-p", "--preview_command", "../../preview", "film.py", "Tilted", *TINY),
    "config": ("-c", "../../light.cfg", "film.py", "Tilted", *TINY),
    "dry": ("--dry_run", "film.py", "Main", *TINY),
    "broken": ("film.py", "Broken", *TINY),
    "no_preview": ("--live-preview", "film.py", "Main", *TINY),
    "cell": ("%%manim", *TINY, "Main"),
}
FAILS = {"all": 1, "broken": 1, "no_preview": 1}
EXACT = ("transparent", "codec", "webm")  # the same encoder, or one without loss
# The hash of an animation contains the source of the functions by which it is interpolated.
SEGMENT = re.compile(r"[0-9a-f]{64}(_[0-9a-f]{8})?")


class Runs:
    """The folders of the command lines, run with the plugin and without, and their exit codes."""

    def __init__(self, folder: Path, python_path: str) -> None:
        self.folder = folder
        self.codes = {setting: self._run(setting, python_path) for setting in ("on", "off")}

    def _run(self, setting: str, python_path: str) -> Any:
        done = subprocess.run(
            [sys.executable, str(RUNNER), setting], cwd=self.folder,
            input=json.dumps(LINES), capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": python_path, "DELTARENDER": setting},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def files(self, line: str, setting: str) -> dict[str, Path]:
        """The files that a command line has made, by their paths without what may differ."""
        folder = self.folder / setting / line
        found = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "log"]
        names = [SEGMENT.sub("SEGMENT", p.relative_to(folder).as_posix()) for p in found]
        names = [re.sub(r"@[\d@-]+", "@NOW", n) for n in names if "__pycache__" not in n]
        numbers: Counter[str] = Counter()
        result = {}
        for name, path in zip(names, found, strict=False):
            numbers[name] += 1
            result[f"{name} {numbers[name]}"] = path
        return result


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, plugin_path: str) -> Runs:
    folder = tmp_path_factory.mktemp("command_lines")
    (folder / "film.py").write_text(FILM)
    (folder / "light.cfg").write_text("[CLI]\nbackground_color = WHITE\nquality = low_quality\n")
    preview = folder / "preview"
    preview.write_text('#!/bin/sh\nbasename "$1" > previewed\n')
    preview.chmod(0o755)
    with wave.open(str(folder / "beep.wav"), "wb") as sound:
        sound.setparams((1, 2, 48000, 0, "NONE", ""))
        sound.writeframes(np.sin(np.arange(9600) / 20).astype("<i2").tobytes())
    return Runs(folder, plugin_path)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_files_frames_and_exit_codes_are_those_of_manim(line: str, runs: Runs) -> None:
    ours, manims = runs.files(line, "on"), runs.files(line, "off")
    assert runs.codes["on"][line] == runs.codes["off"][line] == FAILS.get(line, 0)
    assert ours.keys() == manims.keys()
    for name, path in ours.items():
        if "SEGMENT" not in name:
            assert_same(path, manims[name], exact=line in EXACT)


@pytest.mark.slow
def test_the_plugin_has_rendered(runs: Runs) -> None:
    segments = [f.name for f in runs.files("default", "on").values() if "partial" in str(f)]
    assert (
        sum(re.fullmatch(r"[0-9a-f]{64}_[0-9a-f]{8}\.mp4", name) is not None for name in segments)
        == 5
    )


def assert_same(ours: Path, manims: Path, *, exact: bool) -> None:
    if ours.suffix == ".png":
        assert np.array_equal(np.asarray(Image.open(ours)), np.asarray(Image.open(manims)))
    elif ours.suffix in (".mp4", ".mov", ".webm", ".gif"):
        (facts, times, frames), (manims_facts, manims_times, manims_frames) = map(
            read, (ours, manims)
        )
        assert (facts, times) == (manims_facts, manims_times)
        likeness = min(map(psnr, frames, manims_frames))
        assert likeness == np.inf if exact else likeness > 32
    elif ours.name != "partial_movie_file_list.txt":
        assert ours.read_bytes() == manims.read_bytes()


def read(video: Path) -> tuple[Any, ...]:
    """Facts about a video, the time of each frame, and the frames; sound is a fact."""
    with av.open(str(video)) as container:
        streams = [
            (s.type, s.codec_context.name, s.rate, s.duration) for s in container.streams.audio
        ]
        video_stream = container.streams.video[0]
        context = video_stream.codec_context
        rate = round(float(video_stream.average_rate or 0))
        size = (context.width, context.height, context.pix_fmt, rate)
        frames = list(container.decode(video=0))
        return (
            (*streams, *size, container.metadata.get("comment")),
            [frame.time for frame in frames],
            [frame.to_ndarray(format="rgba").astype(int) for frame in frames],
        )


def psnr(ours: Any, manims: Any) -> float:
    error = float(np.mean((ours - manims) ** 2))
    return 10 * float(np.log10(255**2 / error)) if error else np.inf
