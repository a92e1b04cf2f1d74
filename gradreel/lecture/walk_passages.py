"""What is said during a segment of a walkthrough, and with which of its steps.

A sentence that names a value begins with the step that gives the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradreel.draw.caption import split_sentences
from gradreel.trace.playback import Playback
from gradreel.trace.schedule import ScheduledStep, Segment
from gradreel.trace.segments import CLOSING_NAME

_SLOT = re.compile(r"\{(v\d+)\}")


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences, with slots for numbers, and the steps that run while they are said."""

    text: str
    steps: tuple[ScheduledStep, ...]


def passages_of(playback: Playback, segment: Segment) -> list[Passage]:
    """The sentences of a segment's note, divided so that no value is said before it is there."""
    template, _ = playback.caption(segment)
    arrivals = playback.arrivals(segment)
    texts, starts = [""], [0]
    for sentence in split_sentences(template):
        wanted = [arrivals[slot] for slot in _SLOT.findall(sentence)]
        start = max([starts[-1], *wanted])
        if start == starts[-1]:
            texts[-1] = f"{texts[-1]} {sentence}".strip()
        else:
            texts.append(sentence)
            starts.append(start)
    ends = [*starts[1:], len(segment.steps)]
    return [
        Passage(text, segment.steps[start:end])
        for text, start, end in zip(texts, starts, ends, strict=True)
    ]


def passages_beside_picture(playback: Playback, segment: Segment) -> list[Passage]:
    """The first sentence of a note while its lines run, all others once the picture has changed.

    A first sentence that names a value waits as well.
    """
    template, _ = playback.caption(segment)
    sentences = split_sentences(template)
    if segment.name == CLOSING_NAME:
        return [Passage(template, ())]
    while_running = 1 if sentences and not _SLOT.search(sentences[0]) else 0
    passages = [Passage(" ".join(sentences[:while_running]), segment.steps)]
    if claim := " ".join(sentences[while_running:]):
        passages.append(Passage(claim, ()))
    return passages
