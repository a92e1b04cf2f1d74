"""How a program is played beside a picture: one thing after the other.

Each statement lights up on its own. Then the picture shows what it did, and the value that it gave
appears behind it in the same play: `.grad` as the backward pass arrives at the leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manim import Animation, ApplyMethod, FadeIn, FadeOut, Mobject, there_and_back

from gradreel.draw.walkthrough.line_values import LineValues
from gradreel.draw.walkthrough.picture import ProgramPicture
from gradreel.lecture.beat import Beat
from gradreel.lecture.join import Join
from gradreel.lecture.walk_passages import Passage
from gradreel.theme import Timing
from gradreel.trace.schedule import ScheduledStep

if TYPE_CHECKING:
    from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene

PANES_SECONDS = 0.2
CARRIED_SECONDS = 0.4  # in which the parts of the scene before turn into the picture
LEAVING_SCALE = 0.6
LIT = 0.25  # seconds from when a line lights up to when the picture changes
VALUE_AT = 0.2  # seconds from when a line lights up, or the picture begins to change
GRADIENT_LEFT = 0.35  # seconds of a backward pass that remain when `.grad` appears
QUIET, MOST_QUIET = 0.4, 1.0  # seconds of a line that changes nothing in the picture
LEAST_CHANGE, MOST_CHANGE = 0.45, 2.0  # seconds in which the picture changes
LEAST_CLAIM = 0.4
LEAST_FAST = 0.4  # seconds of an iteration that is not shown line by line
SWOLLEN = 1.2  # size of what a claim is about
STILL = 1.4  # seconds without motion after a claim
RESULT = 2.6  # seconds for the last claim


class PicturePlayer:
    """Plays the steps of a walkthrough whose `drawing` is beside the code."""

    def __init__(self, scene: CodeWalkthroughScene, drawing: ProgramPicture) -> None:
        self.scene, self.drawing = scene, drawing
        self.values = LineValues(
            scene.code,
            scene.trace,
            scene.watched,
            with_tags=scene.shows_grad_fn,
            digits=drawing.digits,
        )

    # Beginning and end

    def show(self, panes: Sequence[Mobject]) -> None:
        """The picture comes, from the parts of the scene before where there are any; the panes."""
        scene, drawing = self.scene, self.drawing
        carried = self._carried(scene.begins_with) if scene.begins_joined else {}
        drawing.carried = frozenset(carried)
        ids = {id(part) for part in carried.values()}
        picture: list[Animation] = [scene.carry(name, part) for name, part in carried.items()]
        leaving = {"target_position": drawing.area.center, "scale": LEAVING_SCALE}
        picture += scene.leave_first_picture(**leaving)
        picture += [FadeIn(part) for part in drawing if id(part) not in ids]
        if scene.begins_joined:
            # The picture first: on its way it would cross the code.
            scene.play(*picture, run_time=CARRIED_SECONDS)
            picture = drawing.waits()
        scene.play(*map(FadeIn, panes), *picture, run_time=PANES_SECONDS)
        scene.add(self.values)

    def close(self, join: Join) -> None:
        """Turn the parts of the picture into what the next scene begins with."""
        scene = self.scene
        carried = self._carried(join)
        if scene.has_default_params:
            panes = [p for p in (scene.code, self.values, scene.output) if p is not None]
            leaving = [FadeOut(pane) for pane in panes] + self.drawing.leave(carried)
            scene.play(*leaving, run_time=Timing.leave)
        scene.close(**carried)

    def _carried(self, join: Join | None) -> dict[str, Mobject]:
        known = join.build() if join is not None else {}
        return {name: part for name, part in self.drawing.parts().items() if name in known}

    # Segments and steps

    def play_segment(self, said: Beat, passages: Sequence[Passage], *, is_last: bool) -> None:
        """Play the steps of a segment while its note is said, and then what it claims."""
        for number, passage in enumerate(passages):
            if number:
                said.next()
            if not passage.steps:
                said.length = max(said.length, RESULT if is_last else 0.0)
                self._claim(said.length, self.drawing.concludes() if is_last else [])
                continue
            if not passage.text and len(passages) > 1:
                said.length = 0.0  # its sentence waits for the picture
            rest = Timing.rest if said.on_last_passage else 0.0
            free = said.length - rest - (self.scene.time - said.passage_start)
            for step in passage.steps:
                self._play_step(step, free / len(passage.steps))

    def _play_step(self, step: ScheduledStep, free: float) -> None:
        """Play a step; `free` are the seconds that it may take."""
        if step.kind in ("fast", "counter"):
            self._play_at_once(step, max(free, LEAST_FAST))
            return
        parts = step.parts or (step,)
        end = self.scene.time + free
        for number, part in enumerate(parts):
            remaining = len(parts) - number
            share = (end - self.scene.time) / remaining
            self._play_statement(part, share, until=step.last, is_last=remaining == 1)

    def _play_statement(
        self, step: ScheduledStep, free: float, *, until: int, is_last: bool
    ) -> None:
        """Light a line up, then change the picture; its value comes with the last change."""
        scene, drawing = self.scene, self.drawing
        moment = scene.playback.moment(step)
        lit = [scene.code.runs(), *scene.moves_of_mark(step)]
        output = scene.output_change(step.first, step.last, VALUE_AT)
        stages = drawing.stages(moment)
        moves = stages[0]()
        if not moves:
            values = self.values.becomes(step.first, step.last, at=VALUE_AT, until=until)
            least = QUIET if values.changes or output else LIT
            most = MOST_QUIET if is_last else least
            scene.play(*lit, values, *output, run_time=max(least, min(free, most)))
            return
        scene.play(*lit, run_time=LIT)
        least = max(LEAST_CHANGE, drawing.least_seconds(moment))
        seconds = max(least, min(free - LIT, MOST_CHANGE)) / len(stages)
        for stage in stages[1:]:
            scene.play(*moves, run_time=seconds)
            moves = stage()
        at = seconds - GRADIENT_LEFT if moment.passes else VALUE_AT
        moves.append(self.values.becomes(step.first, step.last, at=at, until=until))
        scene.play(*moves, *output, run_time=seconds)

    def _play_at_once(self, step: ScheduledStep, seconds: float) -> None:
        """An iteration of a loop that runs as those before it did."""
        scene = self.scene
        moves: list[Any] = [*scene.moves_of_mark(step)]
        moves.append(self.values.becomes(step.first, step.last, at=0.0, until=step.last))
        moves += scene.output_change(step.first, step.last, 0.0)
        moves += self.drawing.advance(scene.playback.moment(step))
        scene.play(*moves, run_time=seconds)

    def _claim(self, length: float, moves: list[Any]) -> None:
        """Point to what is said of the picture, in a passage of this length."""
        parts = self.drawing.decisive
        moves += [ApplyMethod(p.scale, SWOLLEN, rate_func=there_and_back) for p in parts]
        if moves:
            self.scene.play(*moves, run_time=max(length - STILL, LEAST_CLAIM))
