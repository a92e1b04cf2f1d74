"""What autograd refuses.

Four programs that fail on the way back. Each is run for real: torch's own message, the place in the
graph where the way ends, and the change of one line after which it goes through.
"""

from __future__ import annotations

from typing import NamedTuple

from manim import UP, FadeIn, FadeOut, Succession

from gradreel.draw.code_listing import CodeListing
from gradreel.draw.layout import content_area
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.whole_machine.autograd_errors_experiment import ATTEMPTS, provoke_error
from gradreel.scenes.whole_machine.blocked_backward_figure import BlockedBackward, Message
from gradreel.theme import colors


class DeadEnds(LectureScene):
    class Params(SceneParams):
        x: float = param(2.0, "the value of x", ge=-8, le=8)
        case: Literal[
            "all", "backward twice", "changed in place", "not one number", "nothing tracked"
        ] = param("all", "which of the programs")

    def construct(self):
        names = list(ATTEMPTS) if self.params.case == "all" else [self.params.case]
        self.cases = [provoke_error(name, self.params.x) for name in names]
        for case in self.cases:
            say, numbers = TOLD[case.name], told_numbers(case)
            gone = self.set_the_stage(case)
            with self.beat(case.name, say.run, plays=case.failed - 1):
                self.play(*gone, FadeIn(self.listing.mark, *self.listing.rows[:-1]))
                self.play(self.listing.marks(2), self.way.forward())
                for number in range(3, case.failed):
                    self.play(self.listing.marks(number), self.goes_well(case))
            with self.beat(f"{case.name}: refused", say.why, plays=2, **numbers):
                self.play(self.listing.marks(case.failed), self.way.fails(self.end_of(case)))
                self.play(FadeIn(self.message, shift=0.3 * UP))
            with self.beat(f"{case.name}: the cure", say.cure, plays=2 + case.passes, **numbers):
                self.play(*self.mends(case))
                for number in range(len(case.lines) - case.passes, len(case.lines)):
                    self.play(self.listing.marks(number + 1), self.way.passes())
                self.play(self.way.receives(), FadeOut(self.message))

    def goes_well(self, case):
        """What a line does that is not refused."""
        if case.freed:
            return Succession(self.way.passes(), self.way.frees())
        return self.way.changes()

    def end_of(self, case):
        """The card at which a gradient comes no further: the node that lacks what it kept."""
        return self.way.nodes[0] if case.freed or case.version else self.way.y

    def mends(self, case):
        """One line is another; what was lost on the way back is there again."""
        old, new = self.listing.rows[case.cured - 1], self.listing.rows[-1]
        new.set_color(colors.leaf).shift(old.get_center()[1] * UP - new.get_center()[1] * UP)
        return [FadeOut(old), FadeIn(new), self.listing.marks(case.cured), self.way.heals()]

    def set_the_stage(self, case):
        """Code and message above, the graph below; what stood there before is to go."""
        gone = [
            FadeOut(thing) for thing in self.mobjects if thing not in (self.header, self._caption)
        ]
        above, below = content_area().rows(1.25, 1, gap=0.2)
        left, right = above.columns(1.35, 1, gap=0.4)
        self.listing = CodeListing("\n".join([*case.lines, case.cure]), area=left)
        self.message = Message(case, right)
        self.way = BlockedBackward(case, below)
        return gone


class Told(NamedTuple):
    """What is said while a program runs, when it is refused, and when it is mended."""

    run: str
    why: str
    cure: str


TOLD = {
    "backward twice": Told(
        "Backward runs, and gives away what was kept for it. Then it is asked to run again.",
        "Nothing is left to multiply with: the node gave x away after the first pass.",
        "Ask it to keep what it needs. The second pass adds to the first: x.grad is {grad}.",
    ),
    "changed in place": Told(
        "The exponential keeps its result for the way back. Then y is changed where it stands.",
        "Version {kept} was kept, version {found} is there. Better no gradient than a wrong one.",
        "Make a new tensor, and what was kept stays as it was. x.grad is {grad}.",
    ),
    "not one number": Told(
        "x holds two numbers, and so does y. Of which of them do we want the slope?",
        "Backward starts from a single number. It does not choose one for you.",
        "Add them up first: then one pass gives the slope for each.",
    ),
    "nothing tracked": Told(
        "Here nobody asked for gradients. y is just a number, without a history.",
        "Without a grad_fn there is no way back, and nowhere to begin.",
        "Ask for it when x is made. The graph is written, and x.grad is {grad}.",
    ),
}


def told_numbers(case):
    """The numbers that its captions may name."""
    kept = case.nodes[0].version if case.nodes else case.version
    return {"grad": case.slopes[0], "kept": kept, "found": case.version}
