"""A film of small scenes, checked by decoding it and by ffprobe."""

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
from gradreel.publish.audio_mix import AudioMix, mix_audio
from gradreel.publish.lecture_file import read_lecture
from gradreel.publish.mux_film import ChapterMark, Cue, mux_film
from tests.publish.browser import assert_no_errors, browser, page_of
from tests.publish.conftest import SOURCE, TINY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def small_film(lecture, media):
    return film.build_film(lecture, TINY, media)


def decoded_frames(path) -> np.ndarray:
    with av.open(str(path)) as source:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])


def test_the_film_has_the_frames_of_its_cards_and_scenes(small_film, media):
    cards = sorted((media / "cards").rglob("*.mp4"))
    texts = {json.loads(c.with_suffix(".json").read_text())["claim"]: c for c in cards}
    first, second = (media / "videos" / TINY.name / f"{name}.mp4" for name in ("First", "Second"))
    order = [texts["Two squares"], texts["One"], first, texts["Two"], second]
    assert np.array_equal(
        decoded_frames(small_film.video), np.concatenate([decoded_frames(p) for p in order])
    )


def test_frame_times_have_no_gap(small_film):
    with av.open(str(small_film.video)) as source:
        stream = source.streams.video[0]
        times = sorted(p.pts * p.time_base for p in source.demux(stream) if p.pts is not None)
    steps = {b - a for a, b in zip(times, times[1:], strict=False)}
    assert times[0] == 0
    assert steps == {Fraction(1, 10)}


def test_chapters_streams_and_title_as_ffprobe_reads_them(small_film):
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    probed = json.loads(
        subprocess.run(
            ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_streams",
             "-show_format", str(small_film.video)],
            check=True, capture_output=True,
        ).stdout
    )  # fmt: skip
    titles = [chapter["tags"]["title"] for chapter in probed["chapters"]]
    assert titles == ["First is a square", "Second is a square"]
    assert {"h264", "mov_text"} <= {stream.get("codec_name") for stream in probed["streams"]}
    assert abs(float(probed["format"]["duration"]) - small_film.seconds) <= 0.1
    assert probed["format"]["tags"]["title"] == "Two squares"


def is_default_track(path, kind: str) -> bool:
    """Whether ffprobe reports the first track of a kind as a default track."""
    output = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", kind, "-show_entries",
         "stream_disposition=default", "-of", "csv=p=0", str(path)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return output.split()[0].strip(",") == "1"


def test_subtitles_are_off_by_default_where_captions_are_drawn(small_film, lecture, media):
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    # `small_film` has no drawn captions, so that its subtitle track is on by default.
    assert is_default_track(small_film.video, "s")
    drawn = film.build_film(lecture, replace(TINY, captions=True), media, cards=False)
    assert not is_default_track(drawn.video, "s")
    assert is_default_track(drawn.video, "v")
    with av.open(str(drawn.video)) as source:
        texts = [bytes(p)[2:].decode() for p in source.demux(subtitles=0) if p.size > 2]
    assert texts == ["It * begins <here>.", "On and on."] * 2


def box(raw: bytes, name: bytes) -> bytes:
    """The first MP4 box of a type, from its size to its end."""
    start = raw.index(name) - 4
    return raw[start : start + int.from_bytes(raw[start : start + 4], "big")]


def test_the_entries_of_its_tracks_are_whole(small_film):
    raw = small_film.video.read_bytes()
    # 3GPP TS 26.245, 5.16: flags, justification, background, box and style, then a table of fonts.
    entry = box(raw, b"tx3g")
    assert entry[50:54] == b"ftab"
    assert int.from_bytes(entry[46:50], "big") <= len(entry) - 46
    # ISO/IEC 14496-10, 7.4.1: the last byte of a NAL unit is not zero.
    units = parameter_sets(box(raw, b"avcC"))
    assert [unit[0] & 31 for unit in units] == [7, *[8] * (len(units) - 1)]
    assert len(units) >= 2 and all(unit[-1] != 0 for unit in units)


def parameter_sets(box: bytes) -> list[bytes]:
    """The NAL units of an avcC box: ISO/IEC 14496-15, 5.3.3.1."""
    units, at = [], 13  # after the box's head, and version, profile, level and length size
    for mask in (31, 255):
        count, at = box[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(box[at : at + 2], "big")
            units.append(box[at + 2 : at + 2 + size])
            at += 2 + size
    return units


def test_the_index_comes_before_the_media_data(small_film):
    raw = small_film.video.read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")


def test_captions_start_with_their_scene(small_film, media):
    text = small_film.video.with_suffix(".srt").read_text()
    frames = len(decoded_frames(next((media / "cards").rglob("*.mp4"))))
    # The title card and a chapter card, of equal length, come before the first scene.
    assert text.startswith(f"1\n00:00:{2 * frames / 10:06.3f} -->".replace(".", ","))
    assert text.count("It * begins <here>.") == 2
    assert "&lt;here&gt;" in small_film.video.with_suffix(".vtt").read_text()


def test_a_video_of_another_size_is_refused(small_film, media, tmp_path):
    other = tmp_path / "other.mp4"
    with av.open(str(other), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    first = media / "videos" / TINY.name / "First.mp4"
    with pytest.raises(RenderError, match=r"other\.mp4"):
        mux_film([(first, 24), (other, 1)], Fraction(10), tmp_path / "film.mp4")


def test_sound_lies_beside_its_pictures_in_the_file(media, tmp_path):
    silent = media / "videos" / TINY.name / "First.mp4"
    sound = AudioMix(np.zeros((2, 240_000), np.float32))
    joined = tmp_path / "film.mp4"
    cues = [Cue(k, k + 1, "b") for k in range(4)]
    mux_film([(silent, 24)] * 2, Fraction(10), joined, cues=cues, audio=sound, language="deu")
    with av.open(str(joined)) as source:
        assert source.streams.audio[0].language == "deu"
        packets = [p for p in source.demux() if p.pos is not None and p.dts is not None]
    packets.sort(key=lambda packet: packet.pos)
    latest = 0.0
    for packet in packets:
        seconds = float(packet.dts * packet.time_base)
        assert seconds > latest - 1.0  # nothing is more than a second behind
        latest = max(latest, seconds)


def test_the_audio_of_one_video_starts_with_it(small_film, media, tmp_path):
    silent = media / "videos" / TINY.name / "First.mp4"
    tone = tmp_path / "tone.wav"
    with wave.open(str(tone), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(48_000)
        file.writeframes(struct.pack("<h", 12_000) * 48_000)
    mixed = mix_audio([(silent, 20), (tone, 10)], Fraction(10))
    assert mixed is not None
    assert mixed.samples.shape == (2, 3 * 48_000)
    assert not mixed.samples[:, : 2 * 48_000].any()
    assert mixed.samples[:, 2 * 48_000 + 500 :].min() > 0.2
    joined = tmp_path / "film.mp4"
    mux_film(
        [(silent, 24)],
        Fraction(10),
        joined,
        marks=[ChapterMark(0, 2.4, "a")],
        cues=[Cue(0, 1, "b")],
    )
    assert mix_audio([(joined, 24)], Fraction(10)) is None


def test_a_browser_plays_across_a_join(small_film, tmp_path):
    player = tmp_path / "player.html"
    player.write_text(f'<title>film</title><video muted src="{small_film.video.as_uri()}"></video>')
    join_time = small_film.marks[0].end
    with browser() as chromium, page_of(chromium, player) as (page, console_errors):
        page.wait_for_function("document.querySelector('video').readyState >= 3")
        length = page.evaluate("document.querySelector('video').duration")
        assert length == pytest.approx(small_film.seconds, abs=0.1)
        script = "at => { const v = document.querySelector('video'); v.currentTime = at; v.play() }"
        page.evaluate(script, join_time - 0.3)
        is_past = "at => document.querySelector('video').currentTime > at"
        page.wait_for_function(is_past, arg=join_time + 0.3)
        assert page.evaluate("document.querySelector('video').error") is None
        assert_no_errors(console_errors)


def test_two_scenes_of_one_name_are_both_in_it(media):
    for number, direction in ((1, "RIGHT"), (2, "LEFT")):
        text = SOURCE.format(name="Same").replace("import RIGHT", "import LEFT, RIGHT")
        moved = text.replace("RIGHT if k % 2 else UP", direction)
        (ensure_writable(media / f"same-{number}") / "same.py").write_text(moved)
    (media / "same.toml").write_text('scenes = ["same-1/same.py", "same-2/same.py:Same"]')
    both = film.build_film(read_lecture(media / "same.toml"), TINY, media, cards=False)
    frames = decoded_frames(both.video)
    half = len(frames) // 2
    # One moves right first and the other left, so that one is the mirror image of the other.
    assert not np.array_equal(frames[half - 1], frames[-1])
    difference = np.abs(frames[4].astype(int) - frames[half + 4][:, ::-1]).max(axis=2)
    assert (difference > 60).mean() < 0.01


def test_a_missing_video_is_rendered_again(lecture, media):
    small = replace(TINY, width=160, height=90)
    first = film.build_film(lecture, small, media, cards=False)
    expected = decoded_frames(first.video)
    (media / "videos" / small.name / "Second.mp4").unlink()
    assert np.array_equal(
        decoded_frames(film.build_film(lecture, small, media, cards=False).video), expected
    )
