"""The base of every lecture scene: parameters, named beats with captions, numbers kept on record.

    class BackwardFlow(LectureScene):
        class Params(SceneParams):
            x: float = param(2.0, "the input x")

        def construct(self):
            with self.beat("where paths meet", "The two parts add up to {total}.", total=sum_at_x):
                self.play(graph.receives(step))

A beat lasts as long as its caption takes to read, or a voice to say it; the plays inside share that
time. It is an ordinary Manim scene in every other respect: plain `manim` renders it too.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from manim import FadeOut, Mobject, Scene, Wait, config

from gradreel.draw.caption import Caption, Header
from gradreel.draw.numbers import ShownNumber, numbers_in
from gradreel.errors import UsageError
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.narrate.voices import synthesize, voice_from_environment
from gradreel.params import SceneParams
from gradreel.tape import Quantity, Tape
from gradreel.theme import Timing, captions_shown, colors


@dataclass
class Beat:
    """One step of a scene: what the viewer learns, what is said, when, and the numbers shown.

    `start` and `end` are seconds of film, `length` is what the caption asks for, `plays` is among
    how many plays it is shared, `played` how many there were, `still` the rest at the end.
    """

    name: str
    say: str
    start: float
    length: float
    plays: int
    loop: bool = False
    end: float = 0.0
    still: float = 0.0
    played: int = 0
    numbers: list[ShownNumber] = field(default_factory=list)


Watcher = Callable[["LectureScene", Beat], None]


class LectureScene(Scene):
    """A scene told in beats. Subclasses declare `Params`, write `construct`, and set `tape`."""

    class Params(SceneParams):
        """A scene without parameters of its own."""

    given: ClassVar[SceneParams | None] = None

    @classmethod
    def with_params(cls, raw: Mapping[str, str]) -> type[Self]:
        """This scene with parameters from text; a UsageError names what is wrong with them."""
        given = cls.Params.from_text(raw)
        body = {"given": given, "__module__": cls.__module__, "__doc__": cls.__doc__}
        return type(cls.__name__, (cls,), body)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params: Any = self.given or self.Params()
        self.tape: Tape | None = None
        self.sweep: ScrubTrack | None = None
        self.beat_observers: list[Watcher] = []
        self.beats: list[Beat] = []
        self._beat: Beat | None = None
        self._caption: Caption | None = None

    def setup(self) -> None:
        """The empty stage: background and, in the corner, the claim."""
        self.renderer.camera.background_color = colors.background  # type: ignore[union-attr]
        self.header = Header(self.claim)
        self.add(self.header)

    @property
    def claim(self) -> str:
        """What this scene shows: the first line of its file's docstring."""
        module = sys.modules.get(type(self).__module__)
        doc = inspect.cleandoc((module and module.__doc__) or type(self).__doc__ or "")
        return doc.partition("\n")[0].rstrip(".")

    @contextmanager
    def beat(
        self, name: str, say: str = "", *, plays: int = 1, loop: bool = False, **numbers: Quantity
    ) -> Iterator[Beat]:
        """One step of the scene.

        `say` is its caption; `{names}` in it are filled from `numbers`. The caption's reading time
        is shared out among `plays` plays that do not set a run_time of their own.
        """
        if self._beat is not None:
            raise UsageError(f"beat {name!r} begins inside beat {self._beat.name!r}.")
        self.next_section(name)
        caption = Caption(say, numbers)
        beat = Beat(name, caption.words, self.time, reading_time(caption.words), plays, loop)
        self._show(caption)
        self._speak(beat)
        self._beat = beat
        try:
            yield beat
            self._finish(beat, caption)
        finally:
            self._beat = None

    def _finish(self, beat: Beat, caption: Caption) -> None:
        left = beat.length - (self.time - beat.start)
        beat.still = max(left, Timing.rest / 2)
        # Motion is a function of trackers, so a pause may repeat one frame.
        self.pause(beat.still)
        beat.end = self.time
        on_stage = [m for m in self.mobjects if m is not caption]
        beat.numbers = [*numbers_in(on_stage), *caption.numbers()]
        self.beats.append(beat)
        for watch in self.beat_observers:
            watch(self, beat)

    def _speak(self, beat: Beat) -> None:
        """Say the caption, if a voice is asked for, and let the beat last until it is said."""
        voice = voice_from_environment()
        if voice is None or not beat.say.strip():
            return
        speech = synthesize(voice, beat.say, Path(config.media_dir) / "voice")
        beat.length = max(beat.length, Timing.breath + speech.seconds + Timing.breath)
        self.add_sound(str(speech.path), time_offset=Timing.breath)

    def _show(self, caption: Caption) -> None:
        """Change the caption between two frames, as subtitles do."""
        if self._caption is not None:
            self.remove(self._caption)
        self._caption = caption
        if caption.words and captions_shown():
            self.add(caption)

    def play(self, *animations: Any, **kwargs: Any) -> None:
        """Manim's play; inside a beat a play without a run_time takes its share of the beat."""
        beat = self._beat
        if beat is None or all(isinstance(animation, Wait) for animation in animations):
            super().play(*animations, **kwargs)
            return
        if "run_time" not in kwargs:
            waiting = max(beat.plays - beat.played, 1)
            left = beat.length - Timing.rest - (self.time - beat.start)
            kwargs["run_time"] = max(left / waiting, Timing.quick)
        beat.played += 1
        super().play(*animations, **kwargs)

    def update_to_time(self, t: float) -> None:
        """Manim's step to a frame; afterwards the scene's sweep, if it has one, is read."""
        super().update_to_time(t)
        if self.sweep is not None:
            self.sweep.sample(self.time)

    def clear_stage(self, *but: Mobject) -> list[FadeOut]:
        """Animations that take everything off the stage except `but`, the claim and the caption."""
        kept = {id(mobject) for mobject in (*but, self.header, self._caption)}
        return [FadeOut(mobject) for mobject in self.mobjects if id(mobject) not in kept]

    def manifest(self) -> dict[str, Any]:
        """The scene as data, once constructed: claim, inputs, beats with their numbers, tape."""
        return {
            "scene": type(self).__name__,
            "claim": self.claim,
            "inputs": self.params.model_dump(mode="json"),
            "beats": [_beat_row(beat) for beat in self.beats],
            "tape": self.tape.to_dict() if self.tape is not None else None,
            "sweep": self.sweep.to_json() if self.sweep is not None else None,
        }


def reading_time(words: str) -> float:
    """Seconds a viewer needs for a caption: 15 characters a second, at least two."""
    return max(len(words) / Timing.reading, Timing.least_beat)


def _beat_row(beat: Beat) -> dict[str, Any]:
    numbers = [
        {"text": n.text, "value": float(n.quantity), "source": n.quantity.source}
        for n in beat.numbers
    ]
    return {
        "name": beat.name,
        "say": beat.say,
        "start": beat.start,
        "end": beat.end,
        "loop": beat.loop,
        "numbers": numbers,
    }
