"""What autograd refuses.

Four programs whose backward raises an exception. Each is executed; shown are the message, the node
at which backward fails, and a change of one line with which it runs.
"""

from __future__ import annotations

from typing import NamedTuple

from manim import LEFT, UP, Animation, FadeIn, Succession, VGroup

from gradreel.draw.code_listing import CodeListing
from gradreel.draw.exchange import comes, exchange, first_part, goes
from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.whole_machine.autograd_errors_experiment import (
    FAILING_PROGRAMS,
    AutogradError,
    provoke_error,
)
from gradreel.scenes.whole_machine.blocked_backward_figure import BlockedBackward
from gradreel.scenes.whole_machine.case_tabs_figure import CaseTabs
from gradreel.scenes.whole_machine.error_message_figure import ErrorMessage
from gradreel.scenes.whole_machine.joins import LEAF_NODE
from gradreel.theme import FontSize, colors

FIX_TIME, FAIL_TIME, MESSAGE_TIME = (
    0.9,
    0.9,
    0.4,
)  # seconds; the message comes soon, so that it can be read
READ_TIME, POINT_TIME, RESULT_TIME = 0.4, 1.2, 0.3  # seconds, to read and look
FIRST_PASS_TIME = 1.3  # seconds


class DeadEnds(LectureScene):
    ends_with = LEAF_NODE

    class Params(SceneParams):
        x: float = param(2.0, "the value of x", ge=-8, le=8)
        case: Literal[
            "all", "backward twice", "changed in place", "not one number", "nothing tracked"
        ] = param("all", "which of the programs")

    def construct(self) -> None:
        names = list(FAILING_PROGRAMS) if self.params.case == "all" else [self.params.case]
        self.tabs = CaseTabs(names, content_area())
        for number, case in enumerate(provoke_error(name, self.params.x) for name in names):
            self.tell(case, number)
        self.close(x=self.graph.x)

    def tell(self, case: AutogradError, number: int) -> None:
        """A program, the line that is refused, and the change with which it runs."""
        say = SENTENCES[case.name]
        if number:
            self.add(self.tabs)  # taken out of the group with which it appeared
        old = self.fade_out_all(self.tabs)
        for fade in old:
            fade.rate_func = first_part
        self.build_layout(case)
        with self.beat(case.name, say.run, plays=case.failed - 2):
            code = VGroup(self.writes, self.listing.mark, *self.listing.rows[:-1])
            appears = comes(code) if number else FadeIn(code)
            self.play(self.tabs.shows(number), *old, appears, run_time=0.6)
            self.play(self.listing.marks(2), self.graph.unfolds())
            for line in range(3, case.failed):
                time = {"run_time": FIRST_PASS_TIME} if case.freed else {}
                self.play(self.listing.marks(line), self.run_line(case), **time)
        with self.beat(f"{case.name}: refused", say.why):
            fails = self.graph.fails(self.dead_end(case))
            self.play(self.listing.marks(case.failed), fails, run_time=FAIL_TIME)
            message = FadeIn(self.says, self.message, shift=0.3 * UP)
            self.play(message, run_time=MESSAGE_TIME)
            self.wait(READ_TIME)
            self.play(self.graph.points_out(), run_time=POINT_TIME)
        with self.beat(f"{case.name}: the cure", say.cure):
            self.play(*self.apply_fix(case), run_time=FIX_TIME)
            first = len(case.lines) - case.backward_calls
            for count in range(1, case.backward_calls + 1):
                marks = self.listing.marks(first + count)
                self.play(marks, self.graph.receives_gradient(count))
            self.play(FadeIn(self.runs, self.result), run_time=MESSAGE_TIME)
            self.wait(RESULT_TIME)

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
        return [
            exchange(old, new), exchange(self.writes, self.cure), mark, self.graph.recovers(),
            goes(self.says), goes(self.message),
        ]  # fmt: skip

    def build_layout(self, case: AutogradError) -> None:
        """Code and message above, the graph below."""
        _, heads, above, below = content_area().rows(0.3, 0.16, 1, 1, gap=0.2)
        left, right = above.columns(1.35, 1, gap=0.4)
        source = "\n".join([*case.lines, case.fix])
        height = CodeListing(source, area=left).height
        top = Rect(left.left, left.right, left.top - height, left.top)
        self.listing = CodeListing(source, area=top)
        self.message = ErrorMessage(case, right)
        self.graph = BlockedBackward(case, below)
        self.result = self.message.replaced_by(self.graph.result())
        self.writes, self.cure, self.says, self.runs = (
            text(words, font_size=FontSize.label, color=tone).move_to(
                point(area.left, heads.center[1]), aligned_edge=LEFT
            )
            for words, tone, area in (
                (WRITES, colors.muted, left), (CURE, colors.leaf, left),
                (SAYS, colors.muted, right), (RUNS, colors.leaf, right),
            )
        )  # fmt: skip


WRITES, SAYS, CURE, RUNS = "you write", "PyTorch says", "the cure", "now it runs"


class CaseSentences(NamedTuple):
    """What is said while a program runs, when it is refused, and when it is fixed."""

    run: str
    why: str
    cure: str


SENTENCES = {
    "backward twice": CaseSentences(
        "Backward frees what the graph had kept.",
        "So a second one finds nothing left.",
        "retain_graph=True keeps it: both passes add up.",
    ),
    "changed in place": CaseSentences(
        "exp keeps its result. Then y is changed in place.",
        "Torch notices, and refuses a wrong gradient.",
        "So make a new tensor instead.",
    ),
    "not one number": CaseSentences(
        "Here y holds two numbers.",
        "But backward starts from a scalar.",
        "So sum first: each x gets its own slope.",
    ),
    "nothing tracked": CaseSentences(
        "Here nobody asked for gradients.",
        "Without a grad_fn there is no way back.",
        "So set requires_grad when you make x.",
    ),
}
