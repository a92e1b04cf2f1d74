"""no_grad and detach cut the graph.

One result in three ways: tracked, under no_grad, and detached. Shown are its attributes, the
gradients that reach x, the storage of the tensors, and when to use which.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, RIGHT, UP, Animation, FadeIn, FadeOut, Indicate, LaggedStart, VGroup

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
from gradreel.scenes.control.result_columns_figure import GAP, AttributeColumns, grad_formula
from gradreel.scenes.control.storage_block_figure import StorageBlocks
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

PASS_TIME = 0.65  # seconds of a step backward
ASIDE = 1.0  # from the lanes to their attributes, frame units
HINT = 1.08  # how much numbers in a line grow where they are pointed out


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
        self.tell_gradients(comparison)
        self.tell_storage(comparison)
        self.tell_advice()

    def tell_gradients(self, comparison: DetachComparison) -> None:
        """Which of the results leads a gradient back to x."""
        lanes = self.lanes
        with self.beat("three ways", START):
            if ring := self.leave_first_picture(shift=0.6 * LEFT):
                self.play(*ring, run_time=0.6)
            self.play(LaggedStart(*(lane.appears() for lane in lanes), lag_ratio=0.3))
        with self.beat("who leads back", QUESTION):
            asks = [FadeIn(mark, scale=0.5) for mark in self.questions]
            self.play(*(lane.asks() for lane in lanes), *asks)
        with self.beat("the cut", FIRST, RECORDS, CUTS) as said:
            gone = [goes(mark) for mark in self.questions]
            self.play(
                *(lane.moves(self.beside - self.aside) for lane in lanes), *gone, run_time=0.8
            )
            self.play(self.attributes.shows_row(0))
            for k in (1, 2):
                said.next()
                self.play(lanes[k].marks_cut(), self.attributes.shows_row(k))
        self.tell_backward(comparison.tracked, comparison.detached)

    def tell_backward(self, tracked: DetachResult, detached: DetachResult) -> None:
        """The gradient comes to x on two paths, and where one is cut on a single one."""
        one, other, last = self.lanes
        assert tracked.through is not None and tracked.slope is not None
        assert tracked.sent is not None
        with self.beat("the gradient stops", TIMES, CALL, BRINGS, STOPS, direct=tracked.direct,
                       sent=tracked.sent, through=tracked.through, full=tracked.grad,
                       less=detached.grad) as said:  # fmt: skip
            self.play(*self.attributes.goes(), other.goes(), run_time=0.5)
            self.play(one.moves(self.ways[0]), last.moves(self.ways[2]), run_time=0.7)
            self.play(one.shows_product(), *one.shows_slope(tracked.slope), run_time=0.7)
            said.next()
            for animations in self.backward_plays(one, tracked):
                self.play(*animations, run_time=PASS_TIME)
            said.next()
            self.play(FadeIn(self.sums[0]), run_time=0.5)
            self.play(*(Indicate(one.notes[k], HINT, colors.accent) for k in ("direct", "through")))
            said.next()
            self.play(last.shows_product(), run_time=0.6)
            for animations in self.backward_plays(last, detached):
                self.play(*animations, run_time=PASS_TIME)
            self.play(FadeIn(self.sums[2]), run_time=0.5)

    def tell_storage(self, comparison: DetachComparison) -> None:
        """Which of the results share memory."""
        storage = comparison.storage
        with self.beat("one memory", SHARES[storage.detached_shares], WRITE, plays=2,
                       new=storage.written, y=storage.after[0]) as said:  # fmt: skip
            one, other, last = self.lanes
            fading = [lane.goes(*self.memory.cards) for lane in (one, last)]
            self.play(*fading, FadeOut(self.sums[0], self.sums[2]), run_time=0.6)
            self.play(self.memory.gathers_cards(absent=other.result), run_time=0.8)
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
        head, *rows = content_area().rows(0.22, 1, 1, 1, gap=0.12)
        self.attributes = AttributeColumns(self.results)
        self.side = self.attributes.space + GAP
        areas = [row.columns(row.width - self.side, self.side - GAP, gap=GAP) for row in rows]
        lanes = self.make_lanes(comparison, [left for left, _ in areas])
        longest = max(lane.result.get_right()[0] for lane in lanes)
        self.place_attributes(head, rows, longest - areas[0][0].left)
        self.aside = (areas[0][1].right - longest) / 2 * RIGHT
        self.lanes = [lane.starts_at(self.aside) for lane in lanes]
        self.questions = [
            text("?", font_size=FontSize.formula, color=colors.accent).next_to(lane.result, RIGHT)
            for lane in self.lanes
        ]
        self.build_sums()
        self.build_memory(comparison)
        self.build_advice(comparison)

    def place_attributes(self, head: Rect, rows: Sequence[Rect], width: float) -> None:
        """In columns beside lanes of this width; both together are in the middle."""
        space = self.attributes.space
        left = -(width + ASIDE + space) / 2
        self.beside = (left - rows[0].left) * RIGHT
        start = left + width + ASIDE
        areas = [Rect(start, start + space, row.bottom, row.top) for row in (head, *rows)]
        self.attributes.place(areas[0], areas[1:])

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
        gap, end = fit_lanes(rows, areas[0])
        given = list(zip(codes, rows, (None, 1, 2), strict=True))[start:]
        return [
            DetachLane(code, row, cut, area, gap=gap, end=end)
            for (code, row, cut), area in zip(given, areas, strict=True)
        ]

    def build_sums(self) -> None:
        """x.grad beside the first and the last lane, which have the picture to themselves."""
        areas = content_area().rows(1, 1, gap=0.2)
        slots = (areas[0], areas[0], areas[1])
        y = [
            slot.center[1] - lane.cards[0].get_y()
            for slot, lane in zip(slots, self.lanes, strict=True)
        ]
        # From where the lanes stand by then.
        self.ways = [self.side * RIGHT + shift * UP - self.beside for shift in y]
        self.sums = [grad_formula(result, self.side - GAP) for result in self.results]
        for formula, slot in zip(self.sums, slots, strict=True):
            formula.move_to(point(slot.left, slot.center[1]), aligned_edge=LEFT)

    def build_memory(self, comparison: DetachComparison) -> None:
        """y, d and n over the blocks of memory that hold them."""
        upper, lower = content_area().rows(3.4, 1, gap=0.3)
        storage = comparison.storage
        _, row, other = (lane.cards for lane in self.lanes)
        groups = ((0, 1), (2,)) if storage.detached_shares else ((0,), (1,), (2,))
        self.memory = StorageBlocks([other[1], other[2], row[1]], groups, upper)
        self.write = write_call(storage.written).move_to(lower.center)

    def build_advice(self, comparison: DetachComparison) -> None:
        """The two cuts once more, and what each is for."""
        _, *rows, _ = content_area().rows(0.35, 1, 1, 0.15, gap=0.3)
        areas = [row.columns(1.35, 1, gap=0.5) for row in rows]
        self.advice_lanes = self.make_lanes(comparison, [left for left, _ in areas], start=1)
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

START = "One function of x, in three ways."
QUESTION = "Which result still leads back to x?"
FIRST = "Only the first: its grad_fn leads back."
RECORDS = "Under no_grad, no graph is recorded."
CUTS = "detach cuts the result off."
TIMES = "The loss is the result times x."
CALL = "Backward gives each factor the other one: {direct} to x, {sent} to y."
BRINGS = "One path brings {direct}, the other {through}: x.grad is {full}."
STOPS = "The cut stops one path, and leaves {less}."
SHARES = {
    True: "But detach copies nothing: y and d share memory.",
    False: "Here detach gives a number of its own.",
}
WRITE = "Write {new} into d, and y is {y}."
EVALUATE = "So use no_grad to evaluate a model,"
CONSTANT = "and detach to use a value as a constant."
