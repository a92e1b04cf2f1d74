"""Export of one beat: the clip has the frames of the film; a wrong name lists the beats."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from deltarender.beat_names import find_beat
from gradreel.cli import group
from gradreel.errors import UsageError
from gradreel.publish import beat_clips
from gradreel.publish.rendered_scenes import job_for_part, render_scenes
from tests.publish.conftest import TINY

NAMES = ["first step", "On & on", "the end"]


@pytest.mark.parametrize(
    ("name", "index"), [("the end", 2), ("ON on", 1), ("2", 1), ("first-step", 0), ("On & on", 1)]
)
def test_a_beat_is_found_by_name_or_number(name, index):
    assert find_beat(NAMES, name, "Scene") == index


@pytest.mark.parametrize("name", ["0", "4", "third", "", "-1"])
def test_an_unknown_name_lists_the_valid_ones(name):
    with pytest.raises(UsageError) as caught:
        find_beat(NAMES, name, "Scene")
    assert caught.value.valid == tuple(f"{k} {each}" for k, each in enumerate(NAMES, 1))
    assert caught.value.where == "Scene"


def decoded_frames(path) -> np.ndarray:
    with av.open(str(path)) as source:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])


@pytest.mark.slow
def test_a_clip_has_the_frames_of_the_film(lecture, media):
    scene = render_scenes([job_for_part(lecture.parts[0], TINY, media)])[0]
    all_frames = decoded_frames(scene.video)
    start = 0
    for number, beat in enumerate(scene.beats, 1):
        path, frames = beat_clips.export_beat(scene, str(number))
        end = round(beat["end"] * 10)
        assert np.array_equal(decoded_frames(path), all_frames[start:end])
        assert frames == end - start
        start = end
    assert start == len(all_frames)


@pytest.mark.slow
def test_a_gif_shows_the_film_in_few_bytes(lecture, media):
    part = lecture.parts[0]
    runner = CliRunner()
    command = ["render", f"{part.file}:{part.cls}", "--resolution", "320,180", "--fps", "30",
             "--no-captions", "--media-dir", str(media)]  # fmt: skip
    done = runner.invoke(group, [*command, "--format", "gif", "--json"])
    gif = json.loads(done.stdout)["results"][0]
    gif_frames = decoded_frames(gif["path"])
    film = json.loads(runner.invoke(group, [*command, "--json"]).stdout)["results"][0]
    source = decoded_frames(film["path"])[::2]
    assert gif_frames.shape == source.shape
    assert gif["frames"] == len(source)
    assert np.abs(gif_frames.astype(int) - source).mean() < 1
    # Frames after the first store only the rectangle that changed.
    raw = Path(gif["path"]).read_bytes()
    assert raw[:6] == b"GIF89a"
    assert len(raw) < gif_frames.size / 300
    assert _gif_seconds(gif["path"]) == pytest.approx(2.4, abs=0.02)
    beat = runner.invoke(group, [*command, "--format", "gif", "--beat", "on", "--json"])
    row = json.loads(beat.stdout)["results"][0]
    assert row["path"].endswith("02-on.gif")
    assert len(decoded_frames(row["path"])) == row["frames"] == 12


def _gif_seconds(path) -> float:
    """The sum of the frame delays in the file, which are in hundredths of a second."""
    raw = Path(path).read_bytes()
    mark, total = b"\x21\xf9\x04", 0
    at = raw.find(mark)
    while at >= 0:
        total += struct.unpack("<H", raw[at + 4 : at + 6])[0]
        at = raw.find(mark, at + 8)
    return total / 100


@pytest.mark.slow
def test_a_wrong_beat_is_refused_with_the_names(lecture, media):
    part = lecture.parts[0]
    scene = f"{part.file}:{part.cls}"
    for command in ("render", "stills"):
        arguments = [command, scene, "-q", "l", "--beat", "nil", "--media-dir", str(media)]
        done = CliRunner().invoke(group, arguments)
        assert "no beat is called 'nil'" in done.stdout + done.stderr
        assert getattr(done.exception, "exit_code", done.exit_code) == 2


def test_no_beat_is_cut_from_a_transparent_film(lecture, media):
    with pytest.raises(UsageError, match="cannot be cut"):
        CliRunner().invoke(
            group, ["render", "TangentLine", "--beat", "1", "--format", "mov"],
            catch_exceptions=False, standalone_mode=False,
        )  # fmt: skip
