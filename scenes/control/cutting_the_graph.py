"""no_grad and detach cut the graph.

One result in three ways: tracked, under no_grad, and detached. Shown are its attributes, the
gradients that reach x, the storage of the tensors, and the memory that a network saves for backward
in each of the three modes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import get_args

from manim import DOWN, LEFT, Animation, FadeIn, FadeOut, LaggedStart, VGroup, VMobject

from gradreel.draw.formula import Formula, is_sum
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.text import text
from gradreel.errors import UsageError
from gradreel.functions.function import Function, input_quantity
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, Literal, SceneParams, param
from gradreel.scenes.control.detach_comparison_experiment import (
    DetachComparison,
    DetachResult,
    compare_detach,
)
from gradreel.scenes.control.detach_lane_figure import DetachLane, LaneItem, fit_lanes
from gradreel.scenes.control.memory_lane_figure import MemoryLane, numbers_width
from gradreel.scenes.control.saved_tensor_memory_experiment import (
    GradMode,
    NetworkSpec,
    saved_tensor_memory,
)
from gradreel.scenes.control.storage_strip_figure import StorageStrip
from gradreel.theme import FontSize, colors

HEADS = ("requires_grad", "grad_fn")
MODES: tuple[GradMode, ...] = get_args(GradMode)
GAP = 0.4


class CuttingTheGraph(LectureScene):
    class Params(SceneParams):
        function: FormulaParam = param("x**2", "the function of x that is computed in three ways")
        x: float = param(3.0, "the leaf x", ge=-100, le=100)
        write: float = param(100.0, "what is written into the detached result", ge=-999, le=999)
        depth: int = param(8, "layers of the network", ge=2, le=16)
        cut: int = param(4, "the layer after which it is detached", ge=1, le=15)
        rows: int = param(256, "examples that the network sees at once", ge=1, le=1024)
        width: int = param(256, "units in each layer", ge=1, le=1024)
        activation: Literal["tanh", "relu", "gelu"] = param("tanh", "what those units do")
        dtype: Literal["float32", "float64"] = param("float32", "the type of its numbers")

    def construct(self) -> None:
        p = self.params
        c = compare_detach(Function.parse(p.function), p.x, p.write)
        self.results = (c.tracked, c.untracked, c.detached)
        self.build_layout(c)
        y, storage = c.tracked, c.storage

        with self.beat("three ways to one number", START, x=c.x, y=y.value):
            self.play(LaggedStart(*(lane.appears() for lane in self.lanes), lag_ratio=0.4))
        with self.beat("the switch", SWITCH):
            self.play(self.show_attribute(0))
        with self.beat("the node", NODE, plays=2):
            self.play(self.show_attribute(1))
            self.play(*(lane.marks_cut() for lane in self.lanes[1:]))
        with self.beat("a way back for each", CLOSE):
            self.play(*(lane.shows_product() for lane in self.lanes))
        with self.beat("the gradient stops", BACK, plays=4):
            for animations in self.backward_plays():
                self.play(*animations)
        with self.beat("a constant", CONSTANT, plays=2, full=y.grad, less=c.detached.grad):
            self.play(FadeOut(self.heads, *self.attributes))
            self.play(*(self.assemble_sum(k) for k in range(3)))
        with self.beat("one memory, two names", MEMORY[storage.detached_shares], plays=3):
            self.play(*self.fade_out_all(*self.memory.cards), self.memory.gathers_cards())
            self.play(self.memory.appears())
            self.play(FadeIn(*self.data_ptrs))
        with self.beat("a change seen through both", WRITE, plays=2, new=storage.written,
                       y=storage.after[0], n=storage.after[1]):  # fmt: skip
            self.play(FadeOut(*self.data_ptrs), FadeIn(self.write))
            self.play(self.memory.writes(1, storage.written, self.write))
        first, *others = self.networks
        with self.beat("what backward needs", KEEPS.replace("UNIT", self.unit), plays=2,
                       depth=input_quantity(p.depth), most=self.peak):  # fmt: skip
            self.play(*self.fade_out_all(), *(lane.appears() for lane in self.networks))
            self.play(first.runs_forward())
        with self.beat("kept only up to the cut", DROPS, cut=input_quantity(p.cut)):
            self.play(*(lane.runs_forward() for lane in others))
        with self.beat("and given back", GIVES):
            self.play(*(lane.runs_backward() for lane in self.networks))
        with self.beat("when to cut", END):
            peaks = (lane.points_at_peak() for lane in self.networks)
            self.play(LaggedStart(*peaks, lag_ratio=0.3))

    def build_layout(self, comparison: DetachComparison) -> None:
        """Three pictures one after the other: the lanes, the memory, the networks."""
        head, *rows = content_area().rows(0.22, 1, 1, 1, gap=0.12)
        words = [(str(r.requires_grad), r.grad_fn or "None") for r in self.results]
        self.heads = VGroup(*(code_text(word, colors.muted) for word in HEADS))
        self.attributes = [VGroup(*(attribute_text(word) for word in row)) for row in words]
        columns = zip(self.heads, *self.attributes, strict=True)
        widths = [max(cell.width for cell in column) for column in columns]
        side = sum(widths) + GAP
        areas = [row.columns(row.width - side - GAP, side, gap=GAP) for row in rows]
        self.build_lanes(comparison, [left for left, _ in areas])
        beside = [right for _, right in areas]
        for row, area in zip((self.heads, *self.attributes), (head, *beside), strict=True):
            starts = (beside[0].left, beside[0].right - widths[1])
            for cell, left in zip(row, starts, strict=True):
                cell.move_to(point(left, area.center[1]), aligned_edge=LEFT)
        self.sums = [grad_formula(r, a.width) for r, a in zip(self.results, beside, strict=True)]
        for formula, area in zip(self.sums, beside, strict=True):
            formula.move_to(point(area.left, area.center[1]), aligned_edge=LEFT)
        self.build_memory(comparison)
        self.build_networks()

    def build_lanes(self, comparison: DetachComparison, areas: Sequence[Rect]) -> None:
        """The three results, each multiplied by x."""
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
        self.lanes = [
            DetachLane(code, row, cut, area, gap=gap, end=end)
            for code, row, cut, area in zip(codes, rows, (None, 1, 2), areas, strict=True)
        ]

    def build_memory(self, comparison: DetachComparison) -> None:
        """y, d and n over the memory cells that they point to."""
        upper, lower = content_area().rows(3, 1, gap=0.3)
        storage = comparison.storage
        (y, n, d), (_, row, other) = storage.after, (lane.cards for lane in self.lanes)
        groups = ((0, 1), (2,)) if storage.detached_shares else ((0,), (1,), (2,))
        self.memory = StorageStrip([other[1], other[2], row[1]], groups, (y, d, n), upper)
        lines = [
            code_text(f"y.data_ptr() == {name}.data_ptr()  {same}", colors.text)
            for name, same in (("d", storage.detached_shares), ("n", storage.untracked_shares))
        ]
        self.data_ptrs = VGroup(*lines).arrange(DOWN, buff=0.25, aligned_edge=LEFT)
        self.data_ptrs.move_to(lower.center)
        self.write = Formula('upright("d.fill_")({new})', new=storage.written)
        self.write.move_to(lower.center)

    def build_networks(self) -> None:
        """The memory of a network in the same three modes."""
        p = self.params
        if p.cut >= p.depth:
            raise UsageError(
                f"a network of {p.depth} layers has none after the cut at layer {p.cut}.",
                where="-P cut",
                hint="Choose a smaller cut or a greater depth.",
            )
        network = NetworkSpec(p.depth, p.rows, p.width, p.activation, p.dtype)
        runs = [saved_tensor_memory(network, mode, p.cut) for mode in MODES]
        scale = max(max(sample.layers) for sample in runs[0].samples)
        self.unit, self.peak = runs[0].unit, runs[0].peak
        side = numbers_width((s.total for run in runs for s in run.samples), self.unit)
        areas = content_area().rows(1, 1, 1, gap=0.2)
        self.networks = [
            MemoryLane(
                mode, run.samples, self.unit, scale, area, side=side, cut=p.cut * (mode == "detach")
            )
            for mode, run, area in zip(MODES, runs, areas, strict=True)
        ]

    def show_attribute(self, column: int) -> Animation:
        """A column of attributes appears, each from its result."""
        cells = [
            FadeIn(row[column], target_position=lane.result.get_center(), scale=0.7)
            for row, lane in zip(self.attributes, self.lanes, strict=True)
        ]
        return LaggedStart(FadeIn(self.heads[column]), *cells, lag_ratio=0.25)

    def backward_plays(self) -> list[Iterable[Animation]]:
        """The animations of each play of backward, in all lanes at once."""
        lanes = [
            lane.backward_plays(r.direct, r.sent, r.through)
            for lane, r in zip(self.lanes, self.results, strict=True)
        ]
        return [chain.from_iterable(plays) for plays in zip_longest(*lanes, fillvalue=())]

    def assemble_sum(self, k: int) -> Animation:
        """The sum of the gradients of x in lane k, from the card of x."""
        card = self.lanes[k].cards[0]
        return FormulaAssembly(
            self.sums[k], {slot: card for slot in self.sums[k].slots if slot != "eq"}
        )


def grad_formula(result: DetachResult, width: float) -> Formula:
    """x.grad as a sum on one or two lines; only x.grad where there is one part or no room."""
    roles = dict.fromkeys(("direct", "through", "grad"), "gradient")
    if result.through is not None:
        addend = "{through}" if result.through >= 0 else "lr(({through}))"
        for equals in ("{eq}", "\\ &{eq}"):
            formula = Formula(
                f'upright("x.grad") &= {{direct}} + {addend} {equals} {{grad}}',
                direct=result.direct, through=result.through, grad=result.grad, roles=roles,
                eq=is_sum(("direct", "through"), "grad"), font_size=FontSize.label,
            )  # fmt: skip
            if formula.width <= width:
                return formula
    return Formula(
        'upright("x.grad") = {grad}', grad=result.grad, roles=roles, font_size=FontSize.label
    )


def code_text(words: str, color: str) -> VMobject:
    """Words in the monospaced font."""
    return text(words, font_size=FontSize.code, color=color, mono=True)


def attribute_text(words: str) -> VMobject:
    """The value of an attribute, muted where it is None or False."""
    return code_text(words, colors.muted if words in ("None", "False") else colors.text)


START = "The same function of x = {x}, computed in three ways. The number is {y} each time."
SWITCH = "Ask the results: only the first one requires a gradient."
NODE = "Only the first has a node that leads back. Under no_grad none was made; detach drops it."
CLOSE = "Let each result be multiplied by x. Then there are two ways back to x: one is direct."
BACK = (
    "Backward: in the first lane gradients come both ways. In the others, the cut lets nothing by."
)
CONSTANT = (
    "So x gets {full} where all is tracked, but {less} where the result counts as a constant."
)
MEMORY = (
    "detach gives a number of its own here.",
    "detach copies nothing: y and d are two names for one place in memory. n has its own.",
)
WRITE = "So whatever is written into d changes y as well: {y} in both. n is still {n}."
KEEPS = (
    "A network of {depth} layers, tracked: each keeps what its backward will need, {most} UNIT "
    "in all."
)
DROPS = "Under no_grad nothing is kept. Cut after layer {cut}, what lies before the cut is let go."
GIVES = "Going backward, each layer lets go of what it kept. At the cut the gradient stops."
END = "no_grad to only use a network; detach to take one result as given, and learn the rest."
