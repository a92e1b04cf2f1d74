"""The chapter list follows YouTube's rules, checked against lists written by hand."""

from __future__ import annotations

import pytest

from gradreel.publish.chapters import format_time, youtube_chapters, youtube_problems
from gradreel.publish.mux_film import ChapterMark


def marks(*ends: float) -> list[ChapterMark]:
    starts = (0.0, *ends)
    return [ChapterMark(a, b, f"c{k}") for k, (a, b) in enumerate(zip(starts, ends, strict=False))]


def test_long_chapters_are_unchanged():
    assert youtube_chapters(marks(20, 65, 3700)) == "0:00:00 c0\n0:00:20 c1\n0:01:05 c2\n"
    assert youtube_chapters(marks(20, 65, 100)) == "0:00 c0\n0:20 c1\n1:05 c2\n"


def test_short_chapters_are_merged_into_a_neighbour():
    assert youtube_chapters(marks(20, 25, 60, 90)) == "0:00 c0\n0:25 c2\n1:00 c3\n"
    assert youtube_chapters(marks(4, 30, 60)) == "0:00 c1\n0:30 c2\n"


@pytest.mark.parametrize(
    ("text", "seconds", "expected"),
    [
        ("0:00 a\n0:10 b\n0:20 c\n", 30.0, ""),
        ("0:01 a\n0:12 b\n0:25 c\n", 40.0, "0:00"),
        ("0:00 a\n0:10 b\n", 30.0, "three"),
        ("0:00 a\n0:09 b\n0:20 c\n", 30.0, "ten seconds"),
        ("0:00 a\n0:10 b\n0:20 c\n", 29.0, "ten seconds"),
    ],
)
def test_the_rules(text, seconds, expected):
    problems = " ".join(youtube_problems(text, seconds))
    assert (expected in problems) if expected else not problems


def test_times_are_rounded_up():
    assert format_time(59.2) == "1:00"
    assert format_time(60) == "1:00"
