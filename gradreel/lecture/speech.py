"""When sentences are said, by the voice that the environment names, or else by reading time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from manim import Scene, config

from deltarender.jobs import CACHE_VARIABLE
from gradreel.lecture.beat import Schedule, schedule
from gradreel.narrate.voices import synthesize, voice_from_environment


def timed_sentences(sentences: Sequence[str], templates: Sequence[str]) -> Schedule:
    """The schedule of a passage; `templates` are its sentences before translation."""
    voice = voice_from_environment()
    return schedule(
        sentences,
        templates,
        lambda text: synthesize(voice, text, speech_folder()) if voice is not None else None,
    )


def say(scene: Scene, timed: Schedule, delay: float = 0.0) -> None:
    """Add the speech of a schedule to the sound of `scene`, `delay` seconds from now."""
    for sentence in timed.sentences:
        if sentence.audio is not None:
            scene.add_sound(str(sentence.audio), time_offset=delay + sentence.start)


def speech_folder() -> Path:
    """Where spoken words are kept from one render to the next."""
    cache = os.environ.get(CACHE_VARIABLE) or Path(config.media_dir) / ".cache"
    return Path(cache) / "speech"
