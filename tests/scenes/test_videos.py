"""One real render of the lecture, small, each file probed from outside."""

import json
import subprocess
import sys
from pathlib import Path

import av
import pytest

from gradreel import catalog

ROOT = Path(__file__).parents[2]
NAMES = [entry.name for entry in catalog.syllabus_scenes()]
FPS, SIZE = 6, (320, 180)  # small: the whole lecture is drawn


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    media = tmp_path_factory.mktemp("film")
    done = subprocess.run(
        [sys.executable, "render.py", "render", "--all", "--media-dir", str(media), "--json"]
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
        assert abs(lasts - len(times) / FPS) < 1 / FPS
        assert path.with_suffix(".srt").exists() and path.with_suffix(".vtt").exists()


@pytest.mark.slow
def test_plain_manim_renders_a_lecture_scene_too(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "manim", "-ql", "--media_dir", str(tmp_path)]
        + ["scenes/chain_rule/chain_rule.py", "ChainRule"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    assert list(tmp_path.rglob("ChainRule.mp4"))
