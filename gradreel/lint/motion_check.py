"""Whether a scene is legible and true in every frame, not only at the end of each beat.

`motion_check(scene)` is an observer of frames for the renderer's dry run: it looks at mobjects,
never at pixels. What it sees in successive frames it joins to faults with a start and an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lint.animated_parts import AnimatedParts
from gradreel.lint.fault_spells import FaultSpells
from gradreel.lint.frame_checks import (
    Frame,
    PairChecks,
    Sighting,
    family_ids,
    outside_frame,
    stale_numbers,
    sudden_changes,
)
from gradreel.lint.frame_snapshot import Snapshot, take_snapshot
from gradreel.lint.known_faults import KNOWN_FAULTS
from gradreel.lint.layout_checks import LayoutFault
from gradreel.lint.missing_numbers import is_said, missing_numbers

MOTION_KINDS = (
    "outside", "overlap", "covered", "stale number", "sudden", "still", "number not shown",
)  # fmt: skip
MOST_STILL = 3.0  # seconds without motion while nobody speaks


class MotionCheck:
    """The checks of one scene: what has to be remembered from frame to frame."""

    def __init__(self, scene: LectureScene) -> None:
        self._scene = scene
        self._pairs = PairChecks()
        self._parts = AnimatedParts()
        self._spells = FaultSpells(type(scene).__name__)
        self._before: Snapshot | None = None
        self._words: frozenset[int] = frozenset()  # ids of the captions and the header so far
        self._still_since, self._still_beat, self._end = 0.0, "", 0.0

    def observe(self, time: float, frames: int) -> None:
        """Check the frame at `time`, which stays for `frames` frames."""
        scene = self._scene
        beat = scene.current_beat
        words = [m for m in (scene.current_caption, scene.header) if m is not None]
        self._words |= family_ids(words)
        self._parts.update(scene.animations or ())
        frame = Frame(take_snapshot(scene.mobjects), self._before)
        self._end = time + frames / float(scene.camera.frame_rate)
        name = beat.name if beat is not None else ""
        self._spells.update(self._sightings(frame, time), name, time, self._end)
        self._watch_stillness(frame, name, time)
        self._before = frame.now

    def result(self) -> list[dict[str, Any]]:
        """All faults as JSON-ready rows, in the order of their starts."""
        self._report_stillness(self._end)
        known = KNOWN_FAULTS.get(type(self._scene).__name__, ())
        faults = self._spells.finish()
        return [replace(fault, known=fault.kind in known).to_dict() for fault in faults]

    def _sightings(self, frame: Frame, time: float) -> Iterator[Sighting]:
        yield from self._pairs.overlaps(frame)
        yield from self._pairs.crossings(frame)
        yield from outside_frame(frame)
        yield from stale_numbers(frame, self._parts)
        yield from sudden_changes(frame, self._parts, self._words)
        yield from self._unshown_numbers(time)

    def _unshown_numbers(self, time: float) -> Iterator[Sighting]:
        """Numbers of the sentences begun so far that the picture does not show."""
        caption, beat = self._scene.current_caption, self._scene.current_beat
        if caption is None or beat is None or not caption.numbers():
            return
        begun = [s.text for s in beat.sentences if s.start <= time + 1e-6]
        said = [n for n in caption.numbers() if is_said(n, begun)]
        picture = [m for m in self._scene.mobjects if m is not caption]
        for number in missing_numbers(said, picture):
            key = (id(caption), number.text)
            yield Sighting("number not shown", key, f"the caption's {number.text}")

    def _speech(self) -> list[tuple[float, float]]:
        """When somebody speaks, in seconds of the video."""
        beats = [*self._scene.beats, *filter(None, [self._scene.current_beat])]
        return [(s.start, s.end) for beat in beats for s in beat.sentences if s.audio is not None]

    def _watch_stillness(self, frame: Frame, beat: str, time: float) -> None:
        if frame.before is not None and frame.picture_moves(self._words):
            self._report_stillness(time)
            self._still_since, self._still_beat = time, beat
        elif frame.before is None:
            self._still_beat = beat

    def _report_stillness(self, end: float) -> None:
        """Report the time since the last motion, without those parts in which somebody speaks."""
        start = self._still_since
        for silence in silences(start, end, self._speech()):
            if silence[1] - silence[0] > MOST_STILL + 0.05:
                detail = f"{silence[1] - silence[0]:.1f} s without motion"
                still = LayoutFault(
                    "still", type(self._scene).__name__, self._still_beat, "the picture", "",
                    detail, *silence,
                )  # fmt: skip
                self._spells.faults.append(still)


def silences(
    start: float, end: float, speech: list[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    """The parts of the time from `start` to `end` that no interval of `speech` covers."""
    for begin, stop in sorted(speech):
        if begin < end and stop > start:
            if begin > start:
                yield start, begin
            start = max(start, stop)
    if start < end:
        yield start, end


class NoCheck:
    """The observer of a scene that has beats but is no lecture scene: nothing is known of it."""

    def observe(self, time: float, frames: int) -> None:
        """Do nothing."""

    def result(self) -> list[dict[str, Any]]:
        """No faults."""
        return []


def motion_check(scene: Any) -> MotionCheck | NoCheck:
    """The observer of all frames of a scene."""
    return MotionCheck(scene) if isinstance(scene, LectureScene) else NoCheck()
