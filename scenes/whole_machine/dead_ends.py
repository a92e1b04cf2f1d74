"""What autograd refuses.

Four programs whose backward raises an exception. Each is executed; shown are the message, the node
at which backward fails, and a change of one line with which it runs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from manim import UP, Animation, FadeIn, FadeOut, Succession, VGroup

from gradreel.draw.code_listing import CodeListing
from gradreel.draw.layout import content_area
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.whole_machine.autograd_errors_experiment import (
    FAILING_PROGRAMS,
    AutogradError,
    provoke_error,
)
from gradreel.scenes.whole_machine.blocked_backward_figure import BlockedBackward, ErrorMessage
from gradreel.theme import colors


class DeadEnds(LectureScene):
    class Params(SceneParams):
        x: float = param(2.0, "the value of x", ge=-8, le=8)
        case: Literal[
            "all", "backward twice", "changed in place", "not one number", "nothing tracked"
        ] = param("all", "which of the programs")

    def construct(self) -> None:
        names = list(FAILING_PROGRAMS) if self.params.case == "all" else [self.params.case]
        for case in [provoke_error(name, self.params.x) for name in names]:
            say, numbers = CAPTIONS[case.name], caption_numbers(case)
            old = self.fade_out_all()
            self.build_layout(case)
            with self.beat(case.name, say.run, plays=case.failed - 1):
                self.play(*old, FadeIn(self.listing.mark, *self.listing.rows[:-1]))
                self.play(self.listing.marks(2), self.graph.unfolds())
                for number in range(3, case.failed):
                    self.play(self.listing.marks(number), self.run_line(case))
            with self.beat(f"{case.name}: refused", say.why, plays=2, **numbers):
                self.play(self.listing.marks(case.failed), self.graph.fails(self.dead_end(case)))
                self.play(FadeIn(self.message, shift=0.3 * UP))
            with self.beat(
                f"{case.name}: the cure", say.cure, plays=2 + case.backward_calls, **numbers
            ):
                self.play(*self.apply_fix(case))
                for number in range(len(case.lines) - case.backward_calls, len(case.lines)):
                    self.play(self.listing.marks(number + 1), self.graph.runs_backward())
                self.play(self.graph.receives_gradient(), FadeOut(self.message))

    def run_line(self, case: AutogradError) -> Animation:
        """The effect of a line that raises nothing."""
        if case.freed:
            return Succession(self.graph.runs_backward(), self.graph.frees_saved_tensors())
        return self.graph.changes_in_place()

    def dead_end(self, case: AutogradError) -> VGroup:
        """The card where the gradient stops: the node without its saved tensor, or y itself."""
        return self.graph.nodes[0] if case.freed or case.version else self.graph.y

    def apply_fix(self, case: AutogradError) -> list[Animation]:
        """The fix replaces its line, and the graph recovers."""
        old, new = self.listing.rows[case.fixed_line - 1], self.listing.rows[-1]
        new.set_color(colors.leaf).shift(old.get_center()[1] * UP - new.get_center()[1] * UP)
        mark = self.listing.marks(case.fixed_line)
        return [FadeOut(old), FadeIn(new), mark, self.graph.recovers()]

    def build_layout(self, case: AutogradError) -> None:
        """Code and message above, the graph below."""
        above, below = content_area().rows(1.25, 1, gap=0.2)
        left, right = above.columns(1.35, 1, gap=0.4)
        self.listing = CodeListing("\n".join([*case.lines, case.fix]), area=left)
        self.message = ErrorMessage(case, right)
        self.graph = BlockedBackward(case, below)


def caption_numbers(case: AutogradError) -> dict[str, Any]:
    """The numbers that the captions of a case may show."""
    kept = case.nodes[0].version if case.nodes else case.version
    return {"grad": case.grads[0], "kept": kept, "found": case.version}


class CaseCaptions(NamedTuple):
    """The captions while a program runs, when it is refused, and when it is fixed."""

    run: str
    why: str
    cure: str


CAPTIONS = {
    "backward twice": CaseCaptions(
        "Backward runs, and gives away what was kept for it. Then it is asked to run again.",
        "Nothing is left to multiply with: the node gave x away after the first pass.",
        "Ask it to keep what it needs. The second pass adds to the first: x.grad is {grad}.",
    ),
    "changed in place": CaseCaptions(
        "The exponential keeps its result for the way back. Then y is changed where it stands.",
        "Version {kept} was kept, version {found} is there. Better no gradient than a wrong one.",
        "Make a new tensor, and what was kept stays as it was. x.grad is {grad}.",
    ),
    "not one number": CaseCaptions(
        "x holds two numbers, and so does y. Of which of them do we want the slope?",
        "Backward starts from a single number. It does not choose one for you.",
        "Add them up first: then one pass gives the slope for each.",
    ),
    "nothing tracked": CaseCaptions(
        "Here nobody asked for gradients. y is just a number, without a history.",
        "Without a grad_fn there is no way back, and nowhere to begin.",
        "Ask for it when x is made. The graph is written, and x.grad is {grad}.",
    ),
}
