"""Subtitle files are valid SubRip and WebVTT."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import srt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deltarender.encoding import subtitles
from deltarender.encoding.subtitles import arrange, as_srt, as_vtt, from_beats

BEATS = [
    {"name": "a", "say": "First & foremost\n\nx < y", "start": 0.0, "end": 2.5},
    {"name": "silent", "say": " ", "start": 2.5, "end": 3.0},
    {"name": "b", "say": "Later", "start": 3661.0005, "end": 3662.25},
]


def test_beats_without_text_have_no_caption():
    captions = arrange(from_beats(BEATS), 4000)
    assert [c.index for c in captions] == [1, 2]
    assert captions[0].end.total_seconds() == 2.5


def test_srt_can_be_parsed():
    captions = list(srt.parse(as_srt(arrange(from_beats(BEATS), 4000))))
    assert [c.content for c in captions] == ["First & foremost\nx < y", "Later"]


def test_vtt_cues_have_no_blank_lines_and_are_escaped():
    text = as_vtt(arrange(from_beats(BEATS), 4000))
    cues = text.strip().split("\n\n")
    assert cues[0] == "WEBVTT"
    assert len(cues) == 3
    assert "First &amp; foremost\nx &lt; y" in cues[1]
    assert cues[2].startswith("01:01:01.000 --> 01:01:02.250")


def test_a_scene_without_captions_gives_valid_files():
    assert as_srt([]) == ""
    assert as_vtt([]).startswith("WEBVTT")


def arranged(captions: list[tuple[float, float, str]], seconds: float = 10) -> list[Any]:
    return [
        (c.start.total_seconds(), c.end.total_seconds(), c.content)
        for c in subtitles.arrange(captions, seconds)
    ]


@pytest.mark.parametrize(
    ("captions", "cues"),
    [
        ([(2, 3, "b"), (0, 1, "a")], [(0, 1, "a"), (2, 3, "b")]),
        ([(-1, 1, "a"), (9, 40, "b")], [(0, 1, "a"), (9, 10, "b")]),
        ([(-2, -1, "a"), (11, 12, "b"), (5, 5, "c"), (6, 4, "d"), (1, 2, " \n ")], []),
        ([(0, 4, "a"), (1, 2, "b")], [(0, 1, "a"), (1, 2, "a\nb"), (2, 4, "a")]),
        ([(0, 2, "a"), (1, 3, "a")], [(0, 3, "a")]),
        ([(0, 1, "a"), (1, 2, "a")], [(0, 1, "a"), (1, 2, "a")]),
        ([(1, 1.0004, "a"), (0, 0.9996, "b")], [(0, 1, "b")]),
        ([(0, 1, "a\n\n2\n00:00:01,000 --> 00:00:02,000\nb")],
         [(0, 1, "a 2 00:00:01,000 → 00:00:02,000 b")]),
    ],
)  # fmt: skip
def test_captions_become_cues_in_order(captions: Any, cues: Any) -> None:
    assert arranged(captions) == cues


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.floats(-5, 15), st.floats(-5, 15), st.sampled_from(["a", "b", "", "c\n\nd"])),
        max_size=8,
    )
)
def test_cues_are_within_the_video_and_show_every_caption(captions: Any) -> None:
    cues = arranged(captions)
    assert all(0 <= start < end <= 10 and text.strip() for start, end, text in cues)
    assert all(first[1] <= second[0] for first, second in pairwise(cues))
    for start, end, text in captions:
        middle = (max(start, 0) + min(end, 10)) / 2
        if text and min(end, 10) - max(start, 0) > 0.01:
            ((_, _, shown),) = [cue for cue in cues if cue[0] <= middle < cue[1]]
            assert text.replace("\n\n", "\n") in shown
    parsed = list(srt.parse(subtitles.as_srt(subtitles.arrange(captions, 10))))
    assert len(parsed) == len(cues)


def test_a_caption_cannot_end_its_cue_or_begin_another() -> None:
    text = "one\n\n2\n00:00:00,000 --> 00:00:09,000\nanother\r\n\r\n\u2028\nlast"
    captions = arrange(from_beats([{"say": text, "start": 0.0, "end": 2.0}]), 9)
    (cue,) = srt.parse(as_srt(captions))
    assert cue.content == "one 2 00:00:00,000 → 00:00:09,000 another last"
    assert as_srt(captions).count("-->") == as_vtt(captions).count("-->") == 1
    assert "\n\n" not in as_vtt(captions).partition("-->")[2]
