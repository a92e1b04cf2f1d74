"""Subtitle files are valid SubRip and WebVTT."""

from __future__ import annotations

from datetime import timedelta

import srt

from deltarender.encoding.subtitles import as_srt, as_vtt, from_beats

BEATS = [
    {"name": "a", "say": "First & foremost\n\nx < y", "start": 0.0, "end": 2.5},
    {"name": "silent", "say": " ", "start": 2.5, "end": 3.0},
    {"name": "b", "say": "Later", "start": 3661.0005, "end": 3662.25},
]


def test_beats_without_text_have_no_caption():
    captions = from_beats(BEATS)
    assert [c.index for c in captions] == [1, 2]
    assert captions[0].end == timedelta(seconds=2.5)


def test_srt_can_be_parsed():
    captions = list(srt.parse(as_srt(from_beats(BEATS))))
    assert [c.content for c in captions] == ["First & foremost\nx < y", "Later"]


def test_vtt_cues_have_no_blank_lines_and_are_escaped():
    text = as_vtt(from_beats(BEATS))
    cues = text.strip().split("\n\n")
    assert cues[0] == "WEBVTT"
    assert len(cues) == 3
    assert "First &amp; foremost\nx &lt; y" in cues[1]
    assert cues[2].startswith("01:01:01.000 --> 01:01:02.250")


def test_a_scene_without_captions_gives_valid_files():
    assert as_srt([]) == ""
    assert as_vtt([]).startswith("WEBVTT")


def test_a_caption_cannot_end_its_cue_or_begin_another() -> None:
    text = "one\n\n2\n00:00:00,000 --> 00:00:09,000\nanother\r\n\r\n\u2028\nlast"
    captions = from_beats([{"say": text, "start": 0.0, "end": 2.0}])
    (cue,) = srt.parse(as_srt(captions))
    assert cue.content == "one 2 00:00:00,000 → 00:00:09,000 another last"
    assert as_srt(captions).count("-->") == as_vtt(captions).count("-->") == 1
    assert "\n\n" not in as_vtt(captions).partition("-->")[2]
