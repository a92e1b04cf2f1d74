"""The base class of lecture scenes: parameters, named beats with captions, recorded numbers.

    class BackwardFlow(LectureScene):
        class Params(SceneParams):
            x: float = param(2.0, "the input x")

        def construct(self):
            with self.beat("where paths meet", "The two parts add up to {total}.", total=sum_at_x):
                self.play(graph.receives(step))

A beat lasts as long as its caption takes to read, or a voice to speak it; the plays inside share
this time. What is tied to a sentence begins with it:

    with self.beat("the slope", "This is the curve.", "How steep is it here?") as said:
        self.play(Create(curve))
        said.next()
        self.play(FadeIn(tangent))

In all other respects it is a Manim scene: plain `manim` renders it too.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from manim import FadeOut, Mobject, ReplacementTransform, Wait, config

from gradreel.draw.caption import Caption, Header
from gradreel.draw.labels import forget_labels, used_labels
from gradreel.draw.numbers import numbers_in
from gradreel.errors import UsageError
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.lecture.beat import Beat
from gradreel.lecture.board import Board
from gradreel.lecture.caption_texts import captions_of, checked_beats
from gradreel.lecture.controls import Touch
from gradreel.lecture.formula_shelf import parked_formula
from gradreel.lecture.join import JoinedScene
from gradreel.lecture.played_animations import played_animations
from gradreel.narrate.timed_sentences import timed_sentences
from gradreel.params import SceneParams
from gradreel.tape import Quantity, Tape
from gradreel.theme import Timing, captions_shown, colors
from gradreel.translate.catalogue import current_catalogue

BeatObserver = Callable[["LectureScene", Beat], None]


class LectureScene(JoinedScene):
    """A scene of beats. Subclasses declare `Params`, write `construct`, and may set `tape`.

    `beat_observers` are called at the end of each beat, for the layout checks for example.
    `sweep` records numbers in each frame while a parameter moves, for pages that scrub the video.
    """

    class Params(SceneParams):
        """No parameters."""

    preset_params: ClassVar[SceneParams | None] = None
    touch: ClassVar[tuple[Touch, ...]] = ()
    """What can be dragged and pressed in the studio and in explorers, besides the parameters."""

    @classmethod
    def with_params(cls, raw: Mapping[str, str]) -> type[Self]:
        """A subclass of this scene with parameters parsed from text.

        Raises UsageError for an unknown name or a wrong value.
        """
        preset = cls.Params.from_text(raw)
        body = {"preset_params": preset, "__module__": cls.__module__, "__doc__": cls.__doc__}
        return type(cls.__name__, (cls,), body)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params: Any = self.preset_params or self.Params()
        self.tape: Tape | None = None
        self.sweep: ScrubTrack | None = None
        self.quoted_source = ""  # source text on screen, whose numbers captions may repeat
        self.beat_observers: list[BeatObserver] = []
        self.beats: list[Beat] = []
        self.board: Board | None = None
        self._beat: Beat | None = None
        self._caption: Caption | None = None

    def setup(self) -> None:
        """Set the background and the first picture. Called by Manim before `construct`."""
        self.renderer.camera.background_color = colors.background  # type: ignore[union-attr]
        forget_labels()
        self.header = Header(self.claim)
        self.open_stage()

    @property
    def has_default_params(self) -> bool:
        """Whether every parameter has its default."""
        return bool(self.params == self.Params())

    @property
    def current_beat(self) -> Beat | None:
        """The beat that is being played, or None between beats."""
        return self._beat

    @property
    def current_caption(self) -> Caption | None:
        """The caption on stage."""
        return self._caption

    @property
    def claim(self) -> str:
        """What the scene shows: its summary, in the words of the catalogue in use."""
        return current_catalogue().sentence(self.summary)

    @property
    def summary(self) -> str:
        """The first line of the module's docstring, or else of the class's."""
        module = sys.modules.get(type(self).__module__)
        doc = inspect.cleandoc((module and module.__doc__) or type(self).__doc__ or "")
        return doc.partition("\n")[0].rstrip(".")

    @contextmanager
    def beat(
        self, name: str, *say: str, plays: int = 1, loop: bool = False, **numbers: Quantity
    ) -> Iterator[Beat]:
        """One step of the scene.

        `say` is what is said, of one or more passages; each `{name}` in it is replaced by the
        Quantity of that name in `numbers`. The first passage begins with the beat, each further one
        at `Beat.next`, or else after the last play. Its time is shared by `plays` plays that set no
        run_time. Raises UsageError inside another beat.
        """
        if self._beat is not None:
            raise UsageError(
                f"beat {name!r} begins inside beat {self._beat.name!r}.",
                hint="End the first `with self.beat(...)` block before the next one.",
            )
        self.next_section(name)
        captions = captions_of(name, say or ("",), numbers)
        words = " ".join(caption.words for caption in captions)
        beat = Beat(name, words, captions, self.time, self._begin_passage, loop)
        self._beat = beat
        try:
            self._begin_passage(plays)
            yield beat
            while not beat.on_last_passage:
                beat.next()
            self._finish_beat(beat)
        finally:
            self._beat = None

    def _begin_passage(self, plays: int) -> None:
        """Show the next caption of the current beat, and say it if a voice is set."""
        beat = self._beat
        assert beat is not None
        if beat.begun:
            self._hold(beat, 0.0)
        caption = beat.captions[beat.begun]
        timed = timed_sentences(caption.sentences, caption.templates, Path(config.media_dir))
        beat.begun += 1
        beat.passage_start, beat.length, beat.pause = self.time, timed.length, timed.pause
        beat.plays, beat.played = plays, 0
        beat.sentences += [sentence.shifted(self.time) for sentence in timed.sentences]
        self._show_caption(caption)
        for sound, start in timed.sounds:
            self.add_sound(sound, time_offset=start)

    def _hold(self, beat: Beat, least: float) -> float:
        """Wait without motion for what is left of a passage; returns the seconds waited."""
        remaining = beat.passage_start + beat.length + beat.pause - self.time
        seconds = max(remaining, least)
        if seconds * config.frame_rate >= 1 or least:
            # All motion is driven by trackers, so a pause may repeat one frame.
            self.pause(seconds)
        return seconds

    def _finish_beat(self, beat: Beat) -> None:
        self.drop_first_picture()
        beat.hold = self._hold(beat, Timing.rest / 2)
        beat.end = self.time
        on_stage = [m for m in self.mobjects if m is not self._caption]
        said = [number for caption in beat.captions for number in caption.numbers()]
        beat.numbers = [*numbers_in(on_stage), *said]
        self.beats.append(beat)
        for observer in self.beat_observers:
            observer(self, beat)

    def _show_caption(self, caption: Caption) -> None:
        """Replace the caption without an animation, as subtitles do."""
        if self._caption is not None:
            self.remove(self._caption)
        self._caption = caption
        if caption.words and captions_shown():
            self.add(caption)

    def set_caption_visible(self, visible: bool) -> None:
        """Show or hide the caption of the current beat, for a state that it does not describe."""
        if self._caption is not None:
            self.remove(self._caption)
            if visible and self._caption.words and captions_shown():
                self.add(self._caption)

    @property
    def visible_caption(self) -> str:
        """The words of the caption, unless it is hidden."""
        visible = self._caption is not None and self._caption in self.mobjects
        return self._caption.words if visible and self._caption is not None else ""

    def play(self, *animations: Any, **kwargs: Any) -> None:
        """Manim's play; in a beat, a play without run_time takes its share of the beat's length."""
        animations = played_animations(animations, self.mobjects)
        beat = self._beat
        waits = all(isinstance(animation, Wait) for animation in animations)
        if not waits:
            animations = self.with_first_picture(animations)
        if beat is None or waits:
            super().play(*animations, **kwargs)
            return
        if "run_time" not in kwargs:
            plays_left = max(beat.plays - beat.played, 1)
            rest = Timing.rest if beat.on_last_passage else 0.0
            time_left = beat.length - rest - (self.time - beat.passage_start)
            kwargs["run_time"] = max(time_left / plays_left, Timing.quick)
        beat.played += 1
        super().play(*animations, **kwargs)

    def update_to_time(self, t: float) -> None:
        """Manim's update for a frame; then `sweep`, if set, reads its numbers."""
        super().update_to_time(t)
        if self.sweep is not None:
            self.sweep.sample(self.time)

    def fade_out_all(self, *kept: Mobject) -> list[FadeOut]:
        """Fade-outs of all mobjects on stage except `kept`, the header and the caption."""
        kept_ids = {id(mobject) for mobject in (*kept, self.header, self._caption)}
        return [FadeOut(mobject) for mobject in self.mobjects if id(mobject) not in kept_ids]

    def make_board(self) -> Board | None:
        """What is touched after the last beat, besides the beats; None for nothing."""
        return None

    def park(self, name: str, formula: Mobject) -> ReplacementTransform:
        """The animation that puts a derived formula on the shelf, in the upper right corner.

        Raises UsageError for a name that the shelf does not know.
        """
        self.parked = parked_formula(name, self.header)
        return ReplacementTransform(formula, self.parked)

    def manifest(self) -> dict[str, Any]:
        """The constructed scene as JSON-ready data: claim, inputs, beats with numbers, tape."""
        return {
            "scene": type(self).__name__,
            "claim": self.claim,
            "summary": self.summary,
            "language": current_catalogue().language_tag,
            "labels": used_labels(),
            "inputs": self.params.model_dump(mode="json"),
            "beats": [_beat_to_dict(beat) for beat in checked_beats(self.beats)],
            "tape": self.tape.to_dict() if self.tape is not None else None,
            "sweep": self.sweep.to_json() if self.sweep is not None else None,
        }


def _beat_to_dict(beat: Beat) -> dict[str, Any]:
    numbers = [
        {"text": n.text, "value": float(n.quantity), "source": n.quantity.source}
        for n in beat.numbers
    ]
    return {
        "name": beat.name,
        "say": beat.caption,
        "start": beat.start,
        "end": beat.end,
        "loop": beat.loop,
        "sentences": [
            {"text": s.text, "template": s.template, "start": s.start, "end": s.end}
            for s in beat.sentences
        ],
        "numbers": numbers,
    }
