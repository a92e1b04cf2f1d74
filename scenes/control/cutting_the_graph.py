"""no_grad and detach cut the graph.

One result in three ways: tracked, under no_grad, and detached. What each knows about itself, what
comes back through it, whose memory it lies in, and what a network keeps for its backward.
"""

from __future__ import annotations

from itertools import chain, zip_longest

from manim import (
    DOWN,
    LEFT,
    FadeIn,
    FadeOut,
    LaggedStart,
    VGroup,
)

from gradreel.draw.formula import Formula, sum_holds, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import content_area, point
from gradreel.draw.text import text
from gradreel.errors import UsageError
from gradreel.functions.function import Function, input_quantity
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam as FormulaText
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.control.detach_comparison_experiment import compare_detach
from gradreel.scenes.control.detach_lane_figure import DetachLane, Member, spread
from gradreel.scenes.control.memory_lane_figure import MemoryLane, room_for
from gradreel.scenes.control.saved_tensor_memory_experiment import Network, saved_tensor_memory
from gradreel.scenes.control.storage_strip_figure import StorageStrip
from gradreel.theme import FontSize, colors

HEADS = ("requires_grad", "grad_fn")
WAYS = ("tracked", "no_grad", "detach")
GAP = 0.4


class CuttingTheGraph(LectureScene):
    class Params(SceneParams):
        function: FormulaText = param("x**2", "the function of x that is computed in three ways")
        x: float = param(3.0, "the leaf x", ge=-100, le=100)
        write: float = param(100.0, "what is written into the detached result", ge=-999, le=999)
        depth: int = param(8, "layers of the network", ge=2, le=16)
        cut: int = param(4, "the layer after which it is detached", ge=1, le=15)
        rows: int = param(256, "examples that the network sees at once", ge=1, le=1024)
        width: int = param(256, "units in each layer", ge=1, le=1024)
        activation: Literal["tanh", "relu", "gelu"] = param("tanh", "what those units do")
        dtype: Literal["float32", "float64"] = param("float32", "the type of its numbers")

    def construct(self):
        p = self.params
        found = self.found = compare_detach(Function.parse(p.function), p.x, p.write)
        self.results = (found.tracked, found.untracked, found.detached)
        self.set_the_stage()
        y = found.tracked

        with self.beat("three ways to one number", START, x=found.x, y=y.value):
            self.play(LaggedStart(*(lane.appears() for lane in self.lanes), lag_ratio=0.4))
        with self.beat("the switch", SWITCH):
            self.play(self.asks(0))
        with self.beat("the node", NODE, plays=2):
            self.play(self.asks(1))
            self.play(*(lane.severs() for lane in self.lanes[1:]))
        with self.beat("a way back for each", CLOSE):
            self.play(*(lane.closes() for lane in self.lanes))
        with self.beat("the gradient stops", BACK, plays=4):
            for together in self.returns():
                self.play(*together)
        with self.beat("a constant", CONSTANT, plays=2, full=y.grad,
                       less=found.detached.grad):  # fmt: skip
            self.play(FadeOut(self.heads, *self.answers))
            self.play(*(self.assembled(k) for k in range(3)))
        with self.beat("one memory, two names", MEMORY[found.shared.detached_is_same], plays=3):
            self.play(*self.fade_out_all(*self.memory.cards), self.memory.gathers())
            self.play(self.memory.appears())
            self.play(FadeIn(*self.equal))
        with self.beat("a change seen through both", WRITE, plays=2, new=found.shared.written,
                       y=found.shared.after[0], n=found.shared.after[1]):  # fmt: skip
            self.play(FadeOut(*self.equal), FadeIn(self.write))
            self.play(self.memory.writes(1, found.shared.written, self.write))
        first, *others = self.kept
        with self.beat("what backward needs", KEEPS.replace("UNIT", self.unit), plays=2,
                       depth=input_quantity(p.depth), most=self.most[0]):  # fmt: skip
            self.play(*self.fade_out_all(), *(lane.appears() for lane in self.kept))
            self.play(first.runs_forward())
        with self.beat("kept only up to the cut", DROPS, cut=input_quantity(p.cut)):
            self.play(*(lane.runs_forward() for lane in others))
        with self.beat("and given back", GIVES):
            self.play(*(lane.runs_back() for lane in self.kept))
        with self.beat("when to cut", END):
            self.play(LaggedStart(*(lane.points_at_most() for lane in self.kept), lag_ratio=0.3))

    def set_the_stage(self):
        """The lanes, the memory and the network: three pictures one after the other."""
        head, *rows = content_area().rows(0.22, 1, 1, 1, gap=0.12)
        words = [(str(r.tracked), r.grad_fn or "None") for r in self.results]
        self.heads = VGroup(*(_code(word, colors.muted) for word in HEADS))
        self.answers = [VGroup(*(_code(word, _tone(word)) for word in row)) for row in words]
        columns = zip(self.heads, *self.answers, strict=True)
        wide = [max(cell.width for cell in column) for column in columns]
        right = sum(wide) + GAP
        areas = [row.columns(row.width - right - GAP, right, gap=GAP) for row in rows]
        self.set_lanes([left for left, _ in areas])
        beside = [right for _, right in areas]
        for row, area in zip((self.heads, *self.answers), (head, *beside), strict=True):
            for thing, left in zip(row, (beside[0].left, beside[0].right - wide[1]), strict=True):
                thing.move_to(point(left, area.center[1]), aligned_edge=LEFT)
        self.sums = [
            gets(r, a.width).move_to(point(a.left, a.center[1]), aligned_edge=LEFT)
            for r, a in zip(self.results, beside, strict=True)
        ]
        self.set_memory()
        self.set_network()

    def set_lanes(self, areas):
        """The three results, each with its way back to x."""
        found, written = self.found, self.params.function
        x, y = Member("x", found.x, colors.leaf), Member("y", found.tracked.value, colors.value)
        n = Member("n", found.untracked.value, colors.detached)
        d = Member("d", found.detached.value, colors.detached)
        rows = [
            (*row, Member("loss", result.loss, colors.value))
            for row, result in zip(((x, y), (x, n), (x, y, d)), self.results, strict=True)
        ]
        codes = (f"y = {written}", f"with torch.no_grad(): n = {written}", "d = y.detach()")
        gap, end = spread(rows, areas[0])
        self.lanes = [
            DetachLane(code, row, cut, area, gap=gap, end=end)
            for code, row, cut, area in zip(codes, rows, (None, 1, 2), areas, strict=True)
        ]

    def set_memory(self):
        """The same y, d and n, and where they lie."""
        upper, lower = content_area().rows(3, 1, gap=0.3)
        shared = self.found.shared
        (y, n, d), (_, row, other) = shared.after, (lane.cards for lane in self.lanes)
        groups = ((0, 1), (2,)) if shared.detached_is_same else ((0,), (1,), (2,))
        self.memory = StorageStrip([other[1], other[2], row[1]], groups, (y, d, n), upper)
        lines = [
            _code(f"y.data_ptr() == {name}.data_ptr()  {same}", colors.text)
            for name, same in (("d", shared.detached_is_same), ("n", shared.untracked_is_same))
        ]
        self.equal = VGroup(*lines).arrange(DOWN, buff=0.25, aligned_edge=LEFT)
        self.equal.move_to(lower.center)
        self.write = Formula('upright("d.fill_")({new})', new=shared.written)
        self.write.move_to(lower.center)

    def set_network(self):
        """A network in the same three ways."""
        p = self.params
        if p.cut >= p.depth:
            raise UsageError(
                f"a network of {p.depth} layers has none after the cut at layer {p.cut}.",
                where="-P cut",
                hint="Let cut be less than depth.",
            )
        network = Network(p.depth, p.rows, p.width, p.activation, p.dtype)
        runs = [saved_tensor_memory(network, way, p.cut) for way in WAYS]
        scale = max(max(moment.layers) for moment in runs[0].moments)
        self.unit, self.most = runs[0].unit, [run.most for run in runs]
        side = room_for((m.total for run in runs for m in run.moments), self.unit)
        self.kept = [
            MemoryLane(
                way, run.moments, self.unit, scale, area, side=side, cut=p.cut * (way == "detach")
            )
            for way, run, area in zip(
                WAYS, runs, content_area().rows(1, 1, 1, gap=0.2), strict=True
            )
        ]

    def asks(self, column):
        """A column of answers, each from the result that gives it."""
        answers = [
            FadeIn(row[column], target_position=lane.result.get_center(), scale=0.7)
            for row, lane in zip(self.answers, self.lanes, strict=True)
        ]
        return LaggedStart(FadeIn(self.heads[column]), *answers, lag_ratio=0.25)

    def returns(self):
        """Gradients run back, in all lanes at once."""
        lanes = [
            lane.returns(r.direct, r.sent, r.through)
            for lane, r in zip(self.lanes, self.results, strict=True)
        ]
        return [chain.from_iterable(together) for together in zip_longest(*lanes, fillvalue=())]

    def assembled(self, k):
        """What x gets in a lane, from x."""
        here = self.lanes[k].cards[0]
        return FormulaAssembly(
            self.sums[k], {slot: here for slot in self.sums[k].slots if slot != "eq"}
        )


def gets(result, width) -> Formula:
    """What came to x and its sum, in a line or two; the sum alone where even that is too wide."""
    roles = dict.fromkeys(("direct", "through", "grad"), "gradient")
    if result.through is not None:
        addend = "{through}" if result.through >= 0 else "lr(({through}))"
        for then in ("{eq}", "\\ &{eq}"):
            sum_of_both = Formula(
                f'upright("x.grad") &= {{direct}} + {addend} {then} {{grad}}',
                direct=result.direct, through=result.through, grad=result.grad, roles=roles,
                eq=when(sum_holds, ("direct", "through", "grad")), font_size=FontSize.label,
            )  # fmt: skip
            if sum_of_both.width <= width:
                return sum_of_both
    return Formula(
        'upright("x.grad") = {grad}', grad=result.grad, roles=roles, font_size=FontSize.label
    )


def _code(word, color):
    return text(word, font_size=FontSize.code, color=color, mono=True)


def _tone(word):
    return colors.muted if word in ("None", "False") else colors.text


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
