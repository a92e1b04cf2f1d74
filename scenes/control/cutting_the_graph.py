"""no_grad and detach cut the graph.

One result in three ways: tracked, under no_grad, and detached. Shown are its attributes, the
gradients that reach x, the storage of the tensors, and when to use which.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, RIGHT, UP, Animation, FadeIn, VGroup

from gradreel.draw.baseline import align_baselines
from gradreel.draw.exchange import goes
from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import text
from gradreel.functions.function import Function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, SceneParams, param
from gradreel.scenes.control.detach_comparison_experiment import (
    DetachComparison,
    DetachResult,
    compare_detach,
)
from gradreel.scenes.control.detach_lane_figure import DetachLane, LaneItem, fit_lanes
from gradreel.scenes.control.joins import CUT_GRAPH_JOIN, RING_JOIN
from gradreel.scenes.control.result_columns_figure import GAP, attribute_lines, grad_formula
from gradreel.scenes.control.storage_block_figure import StorageBlocks
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

PASS_TIME, READ = 0.75, 0.6  # seconds: a step backward; a result stands
ASIDE = 0.8  # from the lanes to their attributes, frame units
LARGE, WIDE = 1.25, 12.0  # how much larger cards are where the picture is wide, frame units
PRODUCT_OUT = 1.35  # the width of a lane over its width without the product
SUM_WIDTH = 3.6  # of x.grad beside a lane, frame units


class CuttingTheGraph(LectureScene):
    begins_with, ends_with = RING_JOIN, CUT_GRAPH_JOIN

    class Params(SceneParams):
        function: FormulaParam = param("x**2", "the function of x that is computed in three ways")
        x: float = param(3.0, "the leaf x", ge=-100, le=100)
        write: float = param(100.0, "what is written into the detached result", ge=-999, le=999)

    def construct(self) -> None:
        p = self.params
        comparison = compare_detach(Function.parse(p.function), p.x, p.write)
        self.results = (comparison.tracked, comparison.untracked, comparison.detached)
        self.build_layout(comparison)
        self.tell_results()
        self.tell_backward(comparison.tracked, comparison.detached)
        self.tell_storage(comparison)
        self.tell_advice()

    def tell_results(self) -> None:
        """What each of the results knows of x."""
        with self.beat("the cut", RECORDED, UNRECORDED, CUT) as said:
            if ring := self.leave_first_picture(shift=0.6 * LEFT):
                self.play(*ring, run_time=0.6)
            for k, (lane, notes) in enumerate(zip(self.lanes, self.attributes, strict=True)):
                if k:
                    said.next()
                self.play(lane.appears(), run_time=1.0)
                if k:
                    self.play(lane.marks_cut(), run_time=0.5)
                self.play(FadeIn(notes, shift=0.3 * RIGHT), run_time=0.6)

    def tell_backward(self, tracked: DetachResult, detached: DetachResult) -> None:
        """The gradient comes to x on two paths, and where one is cut on a single one."""
        one, other, last = self.lanes
        assert tracked.through is not None and tracked.slope is not None
        assert tracked.sent is not None
        with self.beat("the gradient stops", TIMES, CALL, BRINGS, STOPS, direct=tracked.direct,
                       sent=tracked.sent, slope=tracked.slope, through=tracked.through,
                       full=tracked.grad, less=detached.grad) as said:  # fmt: skip
            self.play(*map(goes, self.attributes), other.goes(), last.goes(), run_time=0.5)
            self.play(one.moves(self.way), run_time=0.7)
            self.play(one.shows_product(), *one.shows_slope(tracked.slope), run_time=0.8)
            said.next()
            *plays, arrives = self.backward_plays(one, tracked)
            for animations in plays:
                self.play(*animations, run_time=PASS_TIME)
            said.next()
            self.play(*arrives, run_time=PASS_TIME)
            self.play(FadeIn(self.sums[0]), run_time=0.5)
            said.next()
            again = self.detached_lane
            self.play(one.rises(self.rise), self.sums[0].animate.shift(self.rise), run_time=0.6)
            self.play(again.appears(), *again.shows_slope(tracked.slope), run_time=0.8)
            self.play(again.marks_cut(), again.shows_product(), run_time=0.7)
            for animations in self.backward_plays(again, detached):
                self.play(*animations, run_time=PASS_TIME)
            self.play(FadeIn(self.sums[1]), run_time=0.5)
            self.wait(READ)

    def tell_storage(self, comparison: DetachComparison) -> None:
        """Both results share memory."""
        storage = comparison.storage
        with self.beat("one memory", SHARES[storage.detached_shares], WRITE, plays=2,
                       new=storage.written, y=storage.after[0]) as said:  # fmt: skip
            leaving = [self.lanes[0].goes(), self.detached_lane.goes(*self.memory.cards)]
            self.play(*leaving, *map(goes, self.sums), run_time=0.6)
            self.play(self.memory.gathers_cards(), run_time=0.8)
            self.play(self.memory.appears())
            said.next()
            self.play(FadeIn(self.write), run_time=0.5)
            self.play(self.memory.writes(1, storage.written, self.write))

    def tell_advice(self) -> None:
        """When to use which."""
        with self.beat("when to cut", EVALUATE, CONSTANT, plays=2) as said:
            self.play(*self.fade_out_all(), run_time=0.6)
            for k, lane in enumerate(self.advice_lanes):
                if k:
                    said.next(plays=2)
                self.play(lane.appears(), FadeIn(self.advice[k], shift=0.3 * LEFT), run_time=0.8)
                self.play(lane.marks_cut(), run_time=0.6)
        lane = self.advice_lanes[0]
        self.close(x=lane.cards[0], arrow=lane.arrows[0], cut=lane.slash, result=lane.cards[1])

    def build_layout(self, comparison: DetachComparison) -> None:
        """Pictures that follow each other: lanes, memory cells, advice."""
        content = content_area()
        self.size = LARGE if content.width > WIDE else 1.0
        rows = content.rows(1, 1, 1, gap=0.12)
        # Beside the sums, where the lanes go later.
        self.sums = [
            grad_formula(result, SUM_WIDTH) for result in (self.results[0], self.results[2])
        ]
        side = max(formula.width for formula in self.sums) + GAP
        areas = [row.columns(side - GAP, row.width - side, gap=GAP) for row in rows]
        lanes = self.make_lanes(comparison, [right for _, right in areas])
        self.place_attributes(rows, lanes)
        self.build_backward(comparison, side)
        self.build_memory(comparison)
        self.build_advice(comparison)

    def place_attributes(self, rows: Sequence[Rect], lanes: list[DetachLane]) -> None:
        """In a column beside the lanes; both together are in the middle."""
        self.attributes = [attribute_lines(result) for result in self.results]
        start = lanes[0].title.get_left()[0]
        longest = max(lane.result.get_right()[0] for lane in lanes) - start
        space = max(lines.width for lines in self.attributes)
        left = -(longest + ASIDE + space) / 2
        self.aside = (left - start) * RIGHT
        self.lanes = [lane.starts_at(self.aside) for lane in lanes]
        for lines, lane in zip(self.attributes, self.lanes, strict=True):
            lines.move_to(point(left + longest + ASIDE, lane.result.get_y()), aligned_edge=LEFT)

    def make_lanes(
        self, comparison: DetachComparison, areas: Sequence[Rect], start: int = 0
    ) -> list[DetachLane]:
        """The results from number `start` on, each multiplied by x."""
        c, formula = comparison, self.params.function
        x, y = LaneItem("x", c.x, colors.leaf), LaneItem("y", c.tracked.value, colors.value)
        n = LaneItem("n", c.untracked.value, colors.detached)
        d = LaneItem("d", c.detached.value, colors.detached)
        rows = [
            (*row, LaneItem("loss", result.loss, colors.value))
            for row, result in zip(((x, y), (x, n), (x, y, d)), self.results, strict=True)
        ]
        codes = (f"y = {formula}", f"with torch.no_grad(): n = {formula}", "d = y.detach()")
        gap, end = fit_lanes(rows, areas[0], self.size)
        given = list(zip(codes, rows, (None, 1, 2), strict=True))[start:]
        return [
            DetachLane(code, row, cut, area, gap=gap, end=end, size=self.size)
            for (code, row, cut), area in zip(given, areas, strict=True)
        ]

    def build_backward(self, comparison: DetachComparison, side: float) -> None:
        """The first and the last result, one below the other, with x.grad beside each."""
        areas = content_area().rows(1, 1, gap=0.2)
        slots = [area.columns(side - GAP, area.width - side, gap=GAP) for area in areas]
        (self.detached_lane,) = self.make_lanes(comparison, [slots[1][1]], start=2)
        # The first one has the picture to itself before it makes room for the other.
        lane = self.lanes[0]
        middle = (lane.title.get_top() + lane.factors.get_bottom()) / 2
        to_middle = (content_area().center[1] - middle[1]) * UP
        self.way = to_middle - self.aside
        self.rise = -to_middle
        heights = (lane.cards[0].get_y() + to_middle[1], self.detached_lane.cards[0].get_y())
        for formula, (left, _), y in zip(self.sums, slots, heights, strict=True):
            formula.move_to(point(left.left, y), aligned_edge=LEFT)

    def build_memory(self, comparison: DetachComparison) -> None:
        """y and d over the block of memory that holds them."""
        upper, lower = content_area().rows(3.4, 1, gap=0.3)
        storage = comparison.storage
        groups = ((0, 1),) if storage.detached_shares else ((0,), (1,))
        self.memory = StorageBlocks(self.detached_lane.cards[1:3], groups, upper.shrunk(0.12))
        self.write = write_call(storage.written).move_to(lower.center)

    def build_advice(self, comparison: DetachComparison) -> None:
        """The two cuts once more, and what each is for."""
        _, *rows, _ = content_area().rows(0.35, 1, 1, 0.15, gap=0.3)
        areas = [row.columns(1.2, 1, gap=0.5) for row in rows]
        # Their products are not shown, so the lanes may be wider with them.
        wider = [
            Rect(left.left, left.left + PRODUCT_OUT * left.width, left.bottom, left.top)
            for left, _ in areas
        ]
        self.advice_lanes = self.make_lanes(comparison, wider, start=1)
        self.advice = [
            text(words, font_size=FontSize.formula, color=colors.text) for words in ADVICE
        ]
        for words, lane, (_, right) in zip(self.advice, self.advice_lanes, areas, strict=True):
            words.scale(min(right.width / words.width, 1.0))
            words.move_to(point(right.left, lane.cards[0].get_y()), aligned_edge=LEFT)

    def backward_plays(self, lane: DetachLane, result: DetachResult) -> list[list[Animation]]:
        """The animations of each play of backward in a lane."""
        return lane.backward_plays(result.direct, result.sent, result.through)


def write_call(number: Quantity) -> VGroup:
    """The call that writes `number` into d, as code."""
    head, tail = (text(part, font_size=FontSize.body, mono=True) for part in ("d.fill_(", ")"))
    new = Readout(number, font_size=FontSize.body, color=colors.value)
    call = VGroup(head, new, tail).arrange(RIGHT, buff=0.06)
    align_baselines(head, new, tail)
    return call


ADVICE = ("to evaluate a model", "to use a value as a constant")

RECORDED = "y remembers how it was made: it has a grad_fn."
UNRECORDED = "Under no_grad, nothing is recorded."
CUT = "detach gives the same number without its past."
TIMES = "Now the loss is x times y."
CALL = "Backward gives each factor the other one: {direct} to x, {sent} to y."
BRINGS = "Times {slope}, this brings {through} more: x.grad is {full}."
STOPS = "Take d instead, and the second path stops at the cut: {less} is left."
SHARES = {
    True: "But d is no copy: both names share one memory.",
    False: "Here detach gives a number of its own.",
}
WRITE = "Write {new} into d, and y is {y}."
EVALUATE = "So use no_grad to evaluate a model,"
CONSTANT = "and detach to use a value as a constant."
