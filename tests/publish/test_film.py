"""A film of small scenes, judged by decoding it and by ffprobe's own reading."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import wave
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from deltarender.atomic_files import ensure_writable
from gradreel.errors import RenderError
from gradreel.publish import film
from gradreel.publish.audio_mix import mix
from gradreel.publish.lecture_file import read
from gradreel.publish.mux_film import ChapterMark, Cue, join
from tests.publish.browser import browser, clean, page_of
from tests.publish.conftest import SOURCE, TINY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def made(lecture, media):
    return film.build_film(lecture, TINY, media)


def pictures(path) -> np.ndarray:
    with av.open(str(path)) as source:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])


def test_the_film_is_its_pieces_frame_by_frame(made, media):
    cards = sorted((media / "cards").rglob("*.mp4"))
    texts = {json.loads(c.with_suffix(".json").read_text())["claim"]: c for c in cards}
    first, second = (media / "videos" / TINY.name / f"{name}.mp4" for name in ("First", "Second"))
    order = [texts["Two squares"], texts["One"], first, texts["Two"], second]
    assert np.array_equal(pictures(made.video), np.concatenate([pictures(p) for p in order]))


def test_times_of_pictures_have_no_gap(made):
    with av.open(str(made.video)) as source:
        stream = source.streams.video[0]
        times = sorted(p.pts * p.time_base for p in source.demux(stream) if p.pts is not None)
    steps = {b - a for a, b in zip(times, times[1:], strict=False)}
    assert times[0] == 0
    assert steps == {Fraction(1, 10)}


def test_what_another_program_reads(made):
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    told = json.loads(
        subprocess.run(
            ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_streams",
             "-show_format", str(made.video)],
            check=True, capture_output=True,
        ).stdout
    )  # fmt: skip
    titles = [chapter["tags"]["title"] for chapter in told["chapters"]]
    assert titles == ["First is a square", "Second is a square"]
    assert {"h264", "mov_text"} <= {stream.get("codec_name") for stream in told["streams"]}
    assert abs(float(told["format"]["duration"]) - made.seconds) <= 0.1
    assert told["format"]["tags"]["title"] == "Two squares"


def on_by_default(path, kind: str) -> bool:
    """Whether a player shows the first track of a kind unasked, as ffprobe reads it."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", kind, "-show_entries",
         "stream_disposition=default", "-of", "csv=p=0", str(path)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return told.split()[0].strip(",") == "1"


def test_subtitles_wait_to_be_asked_for_where_captions_are_drawn(made, lecture, media):
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    # The captions of `made` are off: there the track is the only place to read them.
    assert on_by_default(made.video, "s")
    drawn = film.build_film(lecture, replace(TINY, captions=True), media, cards=False)
    assert not on_by_default(drawn.video, "s")
    assert on_by_default(drawn.video, "v")
    with av.open(str(drawn.video)) as source:
        told = [bytes(p)[2:].decode() for p in source.demux(subtitles=0) if p.size > 2]
    assert told == ["It * begins <here>.", "On and on."] * 2


def test_the_index_comes_before_the_pictures(made):
    raw = made.video.read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")


def test_captions_begin_where_their_scene_does(made, media):
    text = made.video.with_suffix(".srt").read_text()
    frames = len(pictures(next((media / "cards").rglob("*.mp4"))))
    # A title card and a chapter's card, equally long, come before the first scene.
    assert text.startswith(f"1\n00:00:{2 * frames / 10:06.3f} -->".replace(".", ","))
    assert text.count("It * begins <here>.") == 2
    assert "&lt;here&gt;" in made.video.with_suffix(".vtt").read_text()


def test_a_video_of_another_size_is_refused(made, media, tmp_path):
    other = tmp_path / "other.mp4"
    with av.open(str(other), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    first = media / "videos" / TINY.name / "First.mp4"
    with pytest.raises(RenderError, match=r"other\.mp4"):
        join([(first, 24), (other, 1)], Fraction(10), tmp_path / "film.mp4")


def test_sound_of_one_piece_begins_with_it(made, media, tmp_path):
    silent = media / "videos" / TINY.name / "First.mp4"
    tone = tmp_path / "tone.wav"
    with wave.open(str(tone), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(48_000)
        file.writeframes(struct.pack("<h", 12_000) * 48_000)
    mixed = mix([(silent, 20), (tone, 10)], Fraction(10))
    assert mixed is not None
    assert mixed.samples.shape == (2, 3 * 48_000)
    assert not mixed.samples[:, : 2 * 48_000].any()
    assert mixed.samples[:, 2 * 48_000 + 500 :].min() > 0.2
    whole = tmp_path / "film.mp4"
    join(
        [(silent, 24)],
        Fraction(10),
        whole,
        marks=[ChapterMark(0, 2.4, "a")],
        lines=[Cue(0, 1, "b")],
    )
    assert mix([(whole, 24)], Fraction(10)) is None


def test_a_browser_plays_it_over_a_join(made, tmp_path):
    page_ = tmp_path / "player.html"
    page_.write_text(f'<title>film</title><video muted src="{made.video.as_uri()}"></video>')
    join_ = made.marks[0].end
    with browser() as chromium, page_of(chromium, page_) as (page, complaints):
        page.wait_for_function("document.querySelector('video').readyState >= 3")
        length = page.evaluate("document.querySelector('video').duration")
        assert length == pytest.approx(made.seconds, abs=0.1)
        script = "at => { const v = document.querySelector('video'); v.currentTime = at; v.play() }"
        page.evaluate(script, join_ - 0.3)
        past = "at => document.querySelector('video').currentTime > at"
        page.wait_for_function(past, arg=join_ + 0.3)
        assert page.evaluate("document.querySelector('video').error") is None
        assert clean(complaints)


def test_two_scenes_of_one_name_are_both_in_it(media):
    for number, way in ((1, "RIGHT"), (2, "LEFT")):
        text = SOURCE.format(name="Same").replace("import RIGHT", "import LEFT, RIGHT")
        moved = text.replace("RIGHT if k % 2 else UP", way)
        (ensure_writable(media / f"same-{number}") / "same.py").write_text(moved)
    (media / "same.toml").write_text('scenes = ["same-1/same.py", "same-2/same.py:Same"]')
    both = film.build_film(read(media / "same.toml"), TINY, media, cards=False)
    shown = pictures(both.video)
    half = len(shown) // 2
    # One moves to the right first, the other to the left: each other's mirror image.
    assert not np.array_equal(shown[half - 1], shown[-1])
    apart = np.abs(shown[4].astype(int) - shown[half + 4][:, ::-1]).max(axis=2)
    assert (apart > 60).mean() < 0.01


def test_a_video_that_went_missing_is_rendered_again(lecture, media):
    small = replace(TINY, width=160, height=90)
    first = film.build_film(lecture, small, media, cards=False)
    whole = pictures(first.video)
    (media / "videos" / small.name / "Second.mp4").unlink()
    assert np.array_equal(
        pictures(film.build_film(lecture, small, media, cards=False).video), whole
    )
