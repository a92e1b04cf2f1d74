"""One beat only: its clip has the film's own frames; a wrong name lists the beats."""

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
from gradreel.publish import beat_export
from gradreel.publish.rendered_scenes import job_of, rendered
from tests.publish.conftest import TINY

NAMES = ["first step", "On & on", "the end"]


@pytest.mark.parametrize(
    ("given", "place"), [("the end", 2), ("ON on", 1), ("2", 1), ("first-step", 0), ("On & on", 1)]
)
def test_a_beat_is_found_by_its_words_or_number(given, place):
    assert find_beat(NAMES, given, "Scene") == place


@pytest.mark.parametrize("given", ["0", "4", "third", "", "-1"])
def test_another_name_lists_what_there_is(given):
    with pytest.raises(UsageError) as caught:
        find_beat(NAMES, given, "Scene")
    assert caught.value.valid == tuple(NAMES)
    assert caught.value.where == "Scene"


def pictures(path) -> np.ndarray:
    with av.open(str(path)) as source:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])


@pytest.mark.slow
def test_a_clip_has_the_frames_of_the_film(lecture, media):
    shot = rendered([job_of(lecture.parts[0], TINY, media)])[0]
    whole = pictures(shot.video)
    start = 0
    for number, beat in enumerate(shot.beats, 1):
        path, frames = beat_export.one(shot, str(number))
        end = round(beat["end"] * 10)
        assert np.array_equal(pictures(path), whole[start:end])
        assert frames == end - start
        start = end
    assert start == len(whole)


@pytest.mark.slow
def test_a_gif_shows_the_film_with_few_bytes(lecture, media):
    part = lecture.parts[0]
    run = CliRunner()
    given = ["render", f"{part.file}:{part.cls}", "--resolution", "320,180", "--fps", "30",
             "--no-captions", "--media-dir", str(media)]  # fmt: skip
    done = run.invoke(group, [*given, "--format", "gif", "--json"])
    gif = json.loads(done.stdout)["results"][0]
    made = pictures(gif["path"])
    film = json.loads(run.invoke(group, [*given, "--json"]).stdout)["results"][0]
    source = pictures(film["path"])[::2]
    assert made.shape == source.shape
    assert gif["frames"] == len(source)
    assert np.abs(made.astype(int) - source).mean() < 1
    # A frame after the first is a rectangle of its own, not the whole picture again.
    raw = Path(gif["path"]).read_bytes()
    assert raw[:6] == b"GIF89a"
    assert len(raw) < made.size / 300
    assert _seconds(gif["path"]) == pytest.approx(2.4, abs=0.02)
    beat = run.invoke(group, [*given, "--format", "gif", "--beat", "on", "--json"])
    row = json.loads(beat.stdout)["results"][0]
    assert row["path"].endswith("02-on.gif")
    assert len(pictures(row["path"])) == row["frames"] == 12


def _seconds(path) -> float:
    """The delays that the file itself names, in hundredths."""
    raw = Path(path).read_bytes()
    mark, total = b"\x21\xf9\x04", 0
    at = raw.find(mark)
    while at >= 0:
        total += struct.unpack("<H", raw[at + 4 : at + 6])[0]
        at = raw.find(mark, at + 8)
    return total / 100


@pytest.mark.slow
def test_a_wrong_beat_is_told_with_the_names(lecture, media):
    part = lecture.parts[0]
    scene, home = f"{part.file}:{part.cls}", str(media)
    for command in ("render", "stills"):
        given = [command, scene, "-q", "l", "--beat", "nil", "--media-dir", home]
        done = CliRunner().invoke(group, given)
        assert "no beat is called 'nil'" in f"{done.exception}{done.stderr}"
        assert getattr(done.exception, "exit_code", done.exit_code) == 2


def test_no_beat_of_a_transparent_film(lecture, media):
    with pytest.raises(UsageError, match="cannot be cut"):
        CliRunner().invoke(
            group, ["render", "TangentLine", "--beat", "1", "--format", "mov"],
            catch_exceptions=False, standalone_mode=False,
        )  # fmt: skip
