"""When the sentences of a passage are said, by the voice in use, or else by their reading time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deltarender.jobs import CACHE_VARIABLE
from gradreel.narrate.voices import Speech, synthesize, voice_from_environment
from gradreel.theme import Timing


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and when it is said, in seconds of the video, or of its passage.

    `template` is the sentence as the scene wrote it: in English, with placeholders for numbers.
    """

    text: str
    template: str
    start: float
    end: float
    audio: Path | None = None

    def shifted(self, seconds: float) -> Sentence:
        """The same sentence, later."""
        return replace(self, start=self.start + seconds, end=self.end + seconds)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The sentences of a passage, with times from its start, and what it lasts in seconds.

    `pause` comes on top of `length`, without motion: the time to think after a question.
    """

    sentences: tuple[Sentence, ...]
    length: float
    pause: float

    @property
    def sounds(self) -> Iterator[tuple[str, float]]:
        """The WAV file of each sentence that is spoken, and when it begins."""
        return ((str(s.audio), s.start) for s in self.sentences if s.audio is not None)


def timed_sentences(sentences: Sequence[str], templates: Sequence[str], media: Path) -> Schedule:
    """The schedule of a passage, spoken if the environment names a voice.

    `templates` are its sentences before translation. Speech is kept below the media folder, unless
    the renderer names another cache.
    """
    voice = voice_from_environment()
    folder = Path(os.environ.get(CACHE_VARIABLE) or media / ".cache") / "speech"
    return schedule(
        sentences,
        templates,
        lambda text: synthesize(voice, text, folder) if voice is not None else None,
    )


def schedule(
    sentences: Sequence[str], templates: Sequence[str], speak: Callable[[str], Speech | None]
) -> Schedule:
    """When the sentences of a passage are said, by their speech or else by their reading time.

    `templates` are the same sentences before translation. `speak` returns None for what is not
    spoken.
    """
    pairs = list(zip(sentences, templates, strict=True))
    speeches = [(*pair, speech) for pair in pairs if (speech := speak(pair[0])) is not None]
    if not speeches:
        return _schedule_reading(pairs)
    said = []
    start = Timing.breath
    for text, template, speech in speeches:
        said.append(Sentence(text, template, start, start + speech.seconds, speech.path))
        start += speech.seconds + (Timing.thought if _is_question(text) else Timing.breath)
    length = said[-1].end + Timing.breath
    return Schedule(tuple(said), length, max(start - length, 0.0))


def _schedule_reading(pairs: Sequence[tuple[str, str]]) -> Schedule:
    words = " ".join(text for text, _ in pairs)
    length = reading_time(words)
    said = []
    start = 0.0
    letters = sum(len(text) for text, _ in pairs)
    for text, template in pairs:
        end = start + length * len(text) / letters
        said.append(Sentence(text, template, start, end))
        start = end
    pause = Timing.thought - Timing.rest if _is_question(words) else 0.0
    return Schedule(tuple(said), length, pause)


def reading_time(words: str) -> float:
    """Seconds to read a caption at `Timing.reading` characters per second, with a minimum."""
    return max(len(words) / Timing.reading, Timing.least_beat)


def _is_question(text: str) -> bool:
    return text.rstrip("\"'”’»)").endswith("?")
