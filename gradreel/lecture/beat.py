"""A beat of a scene, and when the sentences in it are said.

A beat has one or more passages. A passage is what is said while some animations play: a sentence,
or a few of them in a row. Its sentences follow each other without regard to the animations; the
next passage begins when the scene calls `Beat.next`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gradreel.draw.caption import Caption
from gradreel.draw.numbers import ShownNumber
from gradreel.errors import UsageError
from gradreel.narrate.timed_sentences import Sentence


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
