"""What a second backward does to .grad.

It adds. The .grad of a leaf is a bucket into which every backward pass pours. Not emptied, it mixes
the gradients of several passes; zero_grad tips it out; two mini-batches can share one.
"""

from __future__ import annotations

from manim import (
    RIGHT,
    Animation,
    Create,
    DashedLine,
    FadeIn,
    FadeOut,
    Indicate,
    Mobject,
    Transform,
    VMobject,
)

from gradreel.draw.exchange import at_once, exchange, goes
from gradreel.draw.formula import Formula, when
from gradreel.draw.layout import Rect, content_area, fit_into
from gradreel.draw.text import math
from gradreel.functions.function import Function
from gradreel.lecture.controls import Press
from gradreel.lecture.formula_shelf import parked_formula, shelf_formula
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, Literal, SceneParams, param
from gradreel.scenes.control.accumulation_board import CALLS as BOARD_CALLS
from gradreel.scenes.control.accumulation_board import AccumulationBoard
from gradreel.scenes.control.bucket_lane_figure import BUCKET_WIDTH, BucketLane, note_width
from gradreel.scenes.control.grad_accumulation_experiment import (
    AccumulationPass,
    run_passes,
    step_from,
    summed_pass,
)
from gradreel.scenes.control.joins import BUCKET_JOIN
from gradreel.tape.quantity import Quantity, input_quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class AccumulationTrap(LectureScene):
    ends_with = BUCKET_JOIN
    touch = (*(Press(call, most=3) for call in BOARD_CALLS), Press("zero_grad()"))

    class Params(SceneParams):
        first: FormulaParam = param("x**2", "the function of x that the first pass differentiates")
        second: FormulaParam = param("x**3", "the function of x of every further pass")
        x: float = param(3.0, "the leaf x", ge=-100, le=100)
        passes: int = param(3, "how many backward passes", ge=2, le=4)
        emptied: Literal["None", "zeros"] = param("None", "what zero_grad leaves behind")

    def construct(self) -> None:
        p = self.params
        functions = [Function.parse(p.first)] + [Function.parse(p.second)] * (p.passes - 1)
        self.summed = run_passes(functions, p.x, zero_grad=False)
        self.fresh = run_passes(functions, p.x, zero_grad=True, set_to_none=p.emptied == "None")
        self.whole = summed_pass(functions[:2], p.x)
        self.lr = input_quantity(LR, "learning rate")
        self.build_layout()
        self.play_trap()
        self.play_zero_grad()
        self.play_mini_batches()
        self.close(bucket=self.lanes[1].bucket)

    def make_board(self) -> AccumulationBoard:
        """Both losses to call backward of, in any order."""
        p = self.params
        losses = [Function.parse(text) for text in (p.first, p.second)]
        return AccumulationBoard(losses, p.x, set_to_none=p.emptied == "None")

    def play_trap(self) -> None:
        """Two passes into one bucket, which adds them."""
        (left, _), (one, two) = self.lanes, self.summed[:2]
        with self.beat("a bucket", BUCKET, FIRST, plays=2, slope=one.contribution) as said:
            self.play(left.appears())
            self.play(FadeIn(self.heads[0]))
            said.next()
            self.play(left.pours(one))
        with self.beat("what will it hold", SECOND, WHAT, slope=two.contribution) as said:
            self.play(exchange(self.heads[0], self.heads[1]), run_time=0.8)
            said.next()
            self.question.next_to(left.content, RIGHT, buff=0.3)
            self.play(FadeIn(self.question, shift=0.2 * RIGHT))
        with self.beat(
            "the trap", ADDS, SO[left.with_sums], old=one.after, total=two.after, plays=2
        ) as said:
            self.play(left.pours(two), goes(self.question))
            self.play(FadeIn(self.rule, shift=0.4 * RIGHT))
            said.next()
            self.play(left.ages(1), Indicate(left.content, 1.1, colors.accent))

    def play_zero_grad(self) -> None:
        """The second bucket, which is emptied before each pass, and further passes into both."""
        left, right = self.lanes
        with self.beat("tipped out", CALLS, EMPTY[self.params.emptied], SAME, plays=3,
                       first=self.summed[0].after, slope=self.fresh[1].after) as said:  # fmt: skip
            rule_parks = self.park("accumulate", self.rule)
            # Small first: on its way up it would cross the loss.
            small = self.parked.copy().set_y(self.rule.get_y())
            self.play(Transform(self.rule, small), run_time=0.6)
            self.play(left.moves_to(self.columns[0].center[0]), rule_parks)
            self.play(right.appears(), *self.titles(WITHOUT, WITH))
            said.next()
            self.play(right.zeroed(self.fresh[1].before))
            said.next()
            self.play(right.pours(self.fresh[1]))
        for k in range(2, self.params.passes):
            rows = self.summed[k], self.fresh[k]
            ends = [step_from(self.params.x, row.after, self.lr) for row in rows]
            with self.beat(f"pass {k + 1}", MORE, STEP, plays=2) as said:
                self.play(right.zeroed(rows[1].before), left.ages(k))
                self.play(left.pours(rows[0]), right.pours(rows[1]))
                said.next(plays=1)
                steps = [self.step(row.after, end) for row, end in zip(rows, ends, strict=True)]
                self.play(*(lane.shows_below(s) for lane, s in zip(self.lanes, steps, strict=True)))

    def play_mini_batches(self) -> None:
        """Two passes that share the left bucket, and one pass of their sum in the right one."""
        (left, right), (one, two) = self.lanes, self.summed[:2]
        with self.beat("passes that belong together", WHY, SHARE, TOGETHER, plays=1,
                       total=self.whole.after) as said:  # fmt: skip
            both = [m for lane in self.lanes for m in (lane.zeroed(None), lane.loses_title())]
            self.play(*both, FadeOut(self.heads[1]))
            said.next(plays=3)
            self.play(FadeIn(*self.batch_heads), *self.titles(PARTS, WHOLE))
            self.play(left.pours(one))
            self.play(left.pours(two), right.pours(self.whole))
            said.next()
            self.level = self.same_level()
            self.play(Create(self.level))
        with self.beat("the rule", RULE):
            # The comparison leaves: what is emptied is neither of its two sides.
            compared = *left.parts(), *self.batch_heads, self.level
            alone = right.loses_title(), right.moves_to(0.0)
            self.play(FadeOut(*compared, rate_func=at_once), *alone, run_time=0.8)
            self.play(right.takes_title(WITH[0], colors.leaf, mono=True), run_time=0.3)
            self.play(right.zeroed(None))

    def step(self, grad: Quantity, end: Quantity) -> VMobject:
        """A step of gradient descent with what is in a bucket."""
        factor = "{grad}" if grad >= 0 else "lr(({grad}))"
        formula = Formula(
            f"x <- {{x}} - {{lr}} times {factor} {{eq}} {{end}}",
            x=input_quantity(self.params.x, "x"), lr=self.lr, grad=grad, end=end,
            eq=when(lambda x, lr, grad: x - lr * grad, "end"),
            roles={"x": "leaf", "grad": "gradient", "end": "leaf"}, font_size=FontSize.body * 1.1,
        )  # fmt: skip
        width = self.columns[0].width
        return formula.scale(min(width / formula.width, 1.0))

    def titles(self, left: tuple[str, bool], right: tuple[str, bool]) -> list[Animation]:
        """Titles below the two buckets; the second item is whether it is code."""
        tones = (colors.warning, colors.leaf) if left[1] else (colors.text, colors.text)
        return [
            lane.takes_title(words, tone, mono=mono)
            for lane, (words, mono), tone in zip(self.lanes, (left, right), tones, strict=True)
        ]

    def same_level(self) -> DashedLine:
        """A line from one surface to the other."""
        start, end = (
            lane.bucket.at_level(float(self.whole.after), side)
            for lane, side in zip(self.lanes, (1, -1), strict=True)
        )
        line = DashedLine(start, end, dash_length=0.12)
        return line.set_stroke(colors.accent, StrokeWidth.axis)

    def build_layout(self) -> None:
        """The loss of the current pass above, two buckets below; the first one alone at first."""
        head, body = content_area().rows(0.62, 4.9, gap=0.08)
        self.columns = body.columns(1, 1)
        rows = [*self.summed, *self.fresh, self.whole]
        most = max(abs(float(row.after)) for row in rows)
        grad = 'upright("x.grad")'
        half = self.columns[0].width / 2
        middle = Rect(-half, half, body.bottom, body.top)
        self.lanes = (
            BucketLane(grad, most, rows, middle),
            BucketLane(grad, most, rows, self.columns[1]),
        )
        self.lanes[1].fill(self.summed[0])
        free = parked_formula("accumulate", self.header).get_left()[0] - 0.3
        between = Rect(-free, free, head.bottom, head.top)  # the rule is parked beside it
        self.heads = [
            fit_into(pass_formula(k, row, self.params.x), between)
            for k, row in enumerate(self.summed[:2], start=1)
        ]
        one, two = (row.function.typst() for row in self.summed[:2])
        self.batch_heads = [
            self.head(f"L_1 = {one}, quad L_2 = {two}", head, 0),
            self.head(f"L_1 + L_2 = {self.whole.function.typst()}", head, 1),
        ]
        beside = Rect(
            BUCKET_WIDTH / 2 + note_width(rows) + 0.4, body.right, body.bottom + 1.9, body.top - 1
        )
        self.rule = fit_into(shelf_formula("accumulate"), beside)
        self.question = math("-> quad ?", font_size=FontSize.formula, color=colors.accent)

    def head(self, markup: str, area: Rect, column: int) -> Mobject:
        """A formula above one of the two buckets."""
        column_area = self.columns[column]
        place = Rect(column_area.left, column_area.right, area.bottom, area.top)
        return fit_into(math(markup, font_size=FontSize.body * 1.1), place)


def pass_formula(number: int, row: AccumulationPass, x: float) -> Formula:
    """The leaf, the loss of a pass, and the slope that its backward contributes."""
    loss = f"L_{number}"
    return Formula(
        f"x = {{x}} quad {loss} = {row.function.typst()} quad "
        f"partial {loss} \\/ partial x = {{sent}}",
        x=input_quantity(x, "x"), sent=row.contribution, roles={"x": "leaf", "sent": "gradient"},
    )  # fmt: skip


LR = 0.01  # of the steps
WITHOUT, WITH = ("no zero_grad()", True), ("zero_grad()", True)
PARTS, WHOLE = ("two mini-batches", False), ("the whole batch", False)

BUCKET = "Think of a leaf's .grad as a bucket."
FIRST = "The first backward pours in {slope}."
SECOND = "A second loss has the slope {slope}."
WHAT = "What will x.grad hold after it?"
ADDS = "Backward adds. It never replaces."
SO = {
    True: "So x.grad is {total}: the old {old} is still in there.",
    False: "So x.grad is {total}: the old slope is mixed in.",
}
CALLS = "Again from {first}: now we call zero_grad before each pass."
EMPTY = {
    "None": "It tips the bucket out: by default, x.grad is None again.",
    "zeros": "It tips the bucket out: here x.grad is a zero again.",
}
SAME = "Now the same pass gives {slope}."
MORE = "One more pass, and nothing warns you."
STEP = "On the left, the step is wrong."
WHY = "Why then do gradients accumulate?"
SHARE = "If a batch is too large, two mini-batches share a bucket."
TOGETHER = "Their sum, {total}, is the gradient of the whole batch."
RULE = "So empty .grad before each step, unless you want the sum."
