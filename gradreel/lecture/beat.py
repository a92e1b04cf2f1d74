"""A beat of a scene, and when the sentences in it are said.

A beat has one or more passages. A passage is what is said while some animations play: a sentence,
or a few of them in a row. Its sentences follow each other without regard to the animations; the
next passage begins when the scene calls `Beat.next`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gradreel.draw.caption import Caption
from gradreel.draw.numbers import ShownNumber
from gradreel.errors import UsageError
from gradreel.narrate.voices import Speech
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


@dataclass
class Beat:
    """One step of a scene: its name, its caption, its times, and the numbers shown at its end.

    Times are in seconds of the video. `caption` is all that is said, `captions` are its passages,
    of which the one that began at `passage_start` is current. `length` is what that one needs,
    shared by `plays` plays; `played` counts those that have run, and `pause` comes after it. `hold`
    is the time without motion at the end of the beat. A beat with `loop` is repeated in a deck.
    """

    name: str
    caption: str
    captions: tuple[Caption, ...]
    start: float
    begin_passage: Callable[[int], None]
    loop: bool = False
    passage_start: float = 0.0
    length: float = 0.0
    pause: float = 0.0
    plays: int = 1
    played: int = 0
    begun: int = 0
    end: float = 0.0
    hold: float = 0.0
    sentences: list[Sentence] = field(default_factory=list)
    numbers: list[ShownNumber] = field(default_factory=list)

    @property
    def on_last_passage(self) -> bool:
        """Whether no further passage follows."""
        return self.begun >= len(self.captions)

    def next(self, plays: int = 1) -> None:
        """Wait until the current passage is said, then begin the next one.

        It is shared by `plays` plays that set no run_time. Raises UsageError after the last one.
        """
        if self.on_last_passage:
            raise UsageError(f"beat {self.name!r} has no further sentence to begin.")
        self.begin_passage(plays)
