"""The captions of plain Manim scenes, spoken in a film.

Scenes of the lecture speak while they are rendered and give their sentences the time that they
take. A plain scene has subcaptions at fixed times: each is said from its start, or as soon as the
one before it has been said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from gradreel.narrate.voices import Voice, synthesize
from gradreel.publish.rendered_scenes import RenderedScene

BREATH_S = 0.15  # between two captions that follow each other without a pause


@dataclass(frozen=True, slots=True)
class SpokenCaption:
    """A WAV file, and when it is heard: seconds of the film."""

    file: Path
    start: float
    end: float


def speak_captions(
    scenes: Sequence[RenderedScene], rate: Fraction, voice: Voice, folder: Path
) -> tuple[list[SpokenCaption], list[str]]:
    """The speech of all plain scenes that have captions and no sound, and notes for the user.

    `scenes` follow each other at `rate` frames per second. What would be said after the end of its
    scene is cut there, with a note. `folder` keeps what was spoken.
    """
    spoken: list[SpokenCaption] = []
    notes, frames = [], 0
    for scene in scenes:
        first = float(frames / rate)
        frames += scene.frames
        if not _is_mute(scene):
            continue
        own, late = _speech_of(scene, first, voice, folder)
        spoken += own
        if late > BREATH_S:
            notes.append(
                f"{scene.name}: to say its captions takes {late:.1f} s longer than the scene "
                "lasts; the end is cut. Add a wait at its end, or fewer words."
            )
    return spoken, notes


def _is_mute(scene: RenderedScene) -> bool:
    """Whether a scene has captions and nothing to be heard."""
    if scene.speaks or not scene.captions:
        return False
    with av.open(str(scene.video)) as video:
        return not video.streams.audio


def _speech_of(
    scene: RenderedScene, first: float, voice: Voice, folder: Path
) -> tuple[list[SpokenCaption], float]:
    """The speech of a scene that begins at `first`, and by how many seconds it is too long."""
    last = first + scene.seconds
    spoken: list[SpokenCaption] = []
    free = first
    for caption in scene.captions:
        speech = synthesize(voice, caption["text"], folder)
        if speech is None:
            continue
        start = max(first + float(caption["start"]), free)
        if start < last:
            spoken.append(SpokenCaption(speech.path, start, min(start + speech.seconds, last)))
        free = start + speech.seconds + BREATH_S
    return spoken, free - BREATH_S - last
