"""One real render of the lecture, small, each file probed from outside."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from deltarender.benchmark.ssim import ssim
from gradreel import catalog
from gradreel.scenes import SYLLABUS
from gradreel.theme import Timing

ROOT = Path(__file__).parents[2]
NAMES = [entry.name for entry in catalog.syllabus_scenes()]
PAIRS = [pair for chapter in SYLLABUS for pair in pairwise(chapter.scenes)]
FPS, SIZE = 6, (320, 180)  # small: the whole lecture is drawn
LEAVES_FIRST = (
    "Walk",
    "OptimizerRace",
    "ForwardOrReverse",
    "GraphRecords",
    "ThreePillars",
    "LearningRates",
)  # panes, charts


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    media = tmp_path_factory.mktemp("film")
    done = subprocess.run(
        [
            sys.executable,
            "render.py",
            "render",
            "--all",
            "--no-captions",
            "--encode",
            "small",  # at this size and rate, `fast` has no frames to refine a picture at its end
            "--media-dir",
            str(media),
            "--json",
        ]
        + ["--fps", str(FPS), "--resolution", "{},{}".format(*SIZE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {row["scene"]: row for row in json.loads(done.stdout)["results"]}


@pytest.mark.slow
@pytest.mark.xdist_group("videos")
def test_every_scene_is_a_video_that_plays_as_long_as_its_beats(rendered: dict[str, dict]) -> None:
    assert list(rendered) == NAMES
    for row in rendered.values():
        path = ROOT / row["path"]
        manifest = json.loads(path.with_suffix(".json").read_text())
        with av.open(str(path)) as video:
            stream = video.streams.video[0]
            assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
            assert (stream.width, stream.height, stream.average_rate) == (*SIZE, FPS)
            times = [frame.pts for frame in video.decode(stream)]
        assert len(times) == row["frames"] == manifest["frames"]
        assert len({after - before for before, after in zip(times, times[1:], strict=False)}) == 1
        beats = manifest["beats"]
        lasts = sum(beat["end"] - beat["start"] for beat in beats)
        # What comes after the last beat leads over to the next scene.
        leads_over = Timing.join + Timing.join_rest
        if row["scene"].startswith(LEAVES_FIRST):
            leads_over += Timing.leave
        assert -1 / FPS < len(times) / FPS - lasts < leads_over + 2 / FPS
        assert path.with_suffix(".srt").exists() and path.with_suffix(".vtt").exists()


@pytest.mark.slow
@pytest.mark.xdist_group("videos")
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_scenes_of_a_chapter_are_joined_without_a_cut(
    rendered: dict[str, dict], pair: tuple[str, str]
) -> None:
    last, first = (
        _pictures(ROOT / rendered[name]["path"])[k] for name, k in zip(pair, (1, 0), strict=True)
    )
    assert ssim(last, first) >= 0.99
    # Most of both pictures is background, so the few pixels that are not are compared alone.
    drawn = np.abs(np.stack([last, first]) - np.median(first)).max(axis=0) > 20
    assert drawn.sum() > 30 and np.abs(last - first)[drawn].mean() < 8


def _pictures(path: Path) -> list[np.ndarray]:
    """The first and the last picture of a video: gray, arrays of shape (height, width)."""
    with av.open(str(path)) as video:
        frames = list(video.decode(video=0))
    return [frames[k].to_ndarray(format="gray").astype(np.float32) for k in (0, -1)]


@pytest.mark.slow
def test_plain_manim_renders_a_lecture_scene_too(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "manim", "-ql", "-n", "0,2", "--media_dir", str(tmp_path)]
        + ["scenes/chain_rule/chain_rule.py", "ChainRule"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    assert list(tmp_path.rglob("ChainRule.mp4"))
