"""The switch, the trigger, the result.

requires_grad, backward() and .grad on a linear model with one weight and one bias, then one step of
SGD and the loss after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from manim import RIGHT, Animation, Create, FadeIn, FadeOut, Indicate, LaggedStart, Line, Mobject

from gradreel.draw.api_columns import ApiColumn, GradientRow, ParameterRow
from gradreel.draw.formula import Formula, when
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.text import em
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import fixed, record
from gradreel.scenes.autograd_api.joins import MODEL_GRAPH, SWITCH_WORD
from gradreel.scenes.autograd_api.linear_model_figure import (
    ROW_GAP,
    ROWS,
    ModelGraph,
    model_columns,
)
from gradreel.scenes.autograd_api.linear_model_program import program
from gradreel.scenes.autograd_api.sgd_step_experiment import SgdStep, sgd_step
from gradreel.tape import Quantity, Step, Tape, input_quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class ThreePillars(LectureScene):
    begins_with, ends_with = SWITCH_WORD, MODEL_GRAPH
    product: Formula | None = None

    class Params(SceneParams):
        w: float = param(0.5, "the weight", ge=-100, le=100)
        b: float = param(0.1, "the bias", ge=-100, le=100)
        x: float = param(2.0, "the input, which is data", ge=-100, le=100)
        target: float = param(1.0, "what z should be", ge=-100, le=100)
        rate: float = param(0.05, "the learning rate of the step", gt=0, le=10)

    def construct(self) -> None:
        p = self.params
        self.parameters, data = {"w": p.w, "b": p.b}, {"x": p.x, "target": p.target}
        given = {name: fixed(value) for name, value in data.items()}
        tape = self.tape = record(program, w=p.w, b=p.b, x=given["x"], target=given["target"])
        step = sgd_step(program, self.parameters, data, p.rate)
        new = {name: float(value) for name, value in step.parameters.items()}
        after = record(program, w=new["w"], b=new["b"], x=given["x"], target=given["target"])
        grads = {name: require_grad(tape, name) for name in self.parameters}
        self.build_layout(tape, step, grads, {**self.parameters, **data})
        self.play_switch()
        self.play_forward(tape)
        self.play_backward(tape, grads)
        self.play_step(step, after, tape.value("loss"))
        self.close(graph=self.graph)

    def play_switch(self) -> None:
        """The model, its parameters and data, and which of them require a gradient."""
        parameters = [self.inputs[name] for name in self.parameters]
        data = [row for row in self.inputs.values() if row not in parameters]
        with self.beat("two to learn, two given", *START) as said:
            self.play(self.carry("requires_grad", self.switch.code), self.graph.unfolds())
            said.next()
            self.play(LaggedStart(*map(slide_in, (*parameters, *data)), lag_ratio=0.4))
        with self.beat("the switch", *SWITCH) as said:
            self.play(self.switch.explains_code())
            said.next()
            toggles = [row.switch.turns_on() for row in parameters]
            self.play(LaggedStart(*toggles, lag_ratio=0.4), self.graph.lights_up())

    def play_forward(self, tape: Tape) -> None:
        """The forward pass, after which all gradients are None."""
        z, loss, target = tape.value("z"), tape.value("loss"), tape.value("target")
        with self.beat("forward", *FORWARD, plays=2, z=z, target=target, loss=loss) as said:
            self.play(self.graph.traces_forward())
            computed = (self.prediction, self.loss, self.graph.miss)
            self.play(Create(self.rule), *map(FadeIn, computed))
            said.next()
            self.play(Indicate(self.loss.number, color=colors.accent))
        with self.beat("nothing yet", NOTHING, plays=2):
            self.play(LaggedStart(*(slide_in(row.label) for row in self.grads.values())))
            self.play(LaggedStart(*(FadeIn(row.number) for row in self.grads.values())))

    def play_backward(self, tape: Tape, grads: Mapping[str, Quantity]) -> None:
        """The backward pass, and the gradients that it leaves."""
        steps = tape.backward()
        with self.beat("the trigger", *TRIGGER, miss=tape.value("sub")) as said:
            self.play(self.trigger.appears())
            for node in steps:
                if node.node in ARRIVAL_BEGINS:
                    said.next(plays=3)
                self.play(self.graph.receives(node))
                if node.node == SENDING_BEGINS:
                    said.next(plays=4)
                if tape.outgoing(node.op):
                    self.play(*self.sends(node))
        with self.beat("the result", *RESULT, plays=2, w=grads["w"], b=grads["b"]) as said:
            self.play(self.result.appears())
            arrived = [self.graph.sums[op.id] for op in tape.ops if op.name in grads]
            filled = [self.grads[name].becomes(grad) for name, grad in grads.items()]
            self.play(*filled, *(Indicate(number, color=colors.accent) for number in arrived))
            said.next()
            self.play(*(Indicate(self.grads[name].number, color=colors.accent) for name in grads))

    def sends(self, step: Step) -> list[Animation]:
        """The contributions of a step on their way; that of the product is written out."""
        product = self.graph.product_at(step) if step.node == PRODUCT else None
        if product is None:
            return [self.graph.sends(step)]
        self.product = product
        return [self.graph.sends(step), FadeIn(product)]

    def play_step(self, step: SgdStep, after: Tape, loss: Quantity) -> None:
        """A step of SGD, and the forward pass with the new parameters."""
        new = step.parameters
        with self.beat(
            "a step against them", *STEP, plays=4, rate=step.rate, loop=False, **new
        ) as said:
            data = [row for name, row in self.grads.items() if name not in new]
            self.play(FadeOut(*data), run_time=0.3)
            self.play(self.update_head.appears(), run_time=0.5)
            for name in new:
                self.play(slide_in(self.updates[name]))
            said.next()
            marked = (Indicate(u, 1.04, colors.accent) for u in self.updates.values())
            self.play(*marked)
        say = AFTER[(step.after > loss) - (step.after < loss)]
        numbers = {"z": after.value("z"), "after": step.after}
        with self.beat("the loss after it", AGAIN, say, plays=3, loop=False, **numbers) as said:
            computed = (self.prediction.number, self.loss.number, self.graph.miss)
            old = FadeOut(*computed, *([self.product] if self.product is not None else []))
            values = [self.inputs[name].becomes(new[name]) for name in new]
            results = [Indicate(u, 1.04, colors.accent) for u in self.updates.values()]
            self.play(old, self.graph.forgets(), *values, *results)
            self.play(self.graph.traces_forward())
            self.graph.write_miss(after.value("sub"))
            self.play(
                *self.show_results(numbers["z"], step.after), FadeIn(self.graph.miss, scale=1.6)
            )
            said.next()
            self.play(Indicate(self.loss.number, color=colors.accent))

    def show_results(self, z: Quantity, loss: Quantity) -> list[Animation]:
        """The results of another forward pass, in the places of those of the first."""
        self.prediction.set_number(z)
        self.loss.set_number(loss)
        return [FadeIn(row.number, scale=1.6) for row in (self.prediction, self.loss)]

    def build_layout(
        self, tape: Tape, step: SgdStep, grads: Mapping[str, Quantity], values: dict[str, float]
    ) -> None:
        """Three columns: the inputs with their switches, the graph, the gradients."""
        left, middle, right = model_columns()
        head, *rows, high, low = left.rows(*ROWS, gap=ROW_GAP)
        result_head, *grad_rows, up, down = right.rows(*ROWS, gap=ROW_GAP)
        trigger_head, body = middle.rows(ROWS[0], sum(ROWS[1:]) + ROW_GAP * 5, gap=ROW_GAP)
        self.switch = ApiColumn("the switch", "requires_grad", colors.leaf, head)
        self.trigger = ApiColumn("the trigger", "loss.backward()", colors.accent, trigger_head)
        self.result = ApiColumn("the result", ".grad", colors.gradient, result_head)
        self.inputs = {
            name: ParameterRow(name, input_quantity(value, name), row)
            for (name, value), row in zip(values.items(), rows, strict=True)
        }
        self.grads = {
            name: GradientRow(f'upright("{name}.grad")', row)
            for name, row in zip(values, grad_rows, strict=True)
        }
        self.graph = ModelGraph(tape, body)
        self.graph.switch_off()
        self.graph.write_miss(tape.value("sub"))
        self.prediction = result_row(PREDICTIONS, high, tape.value("z"))
        self.loss = result_row(LOSSES, low, tape.value("loss"))
        self.rule = Line(point(high.left, high.top), point(high.right, high.top))
        self.rule.set_stroke(colors.muted, StrokeWidth.axis)  # what is given, and what is computed
        data = [row for name, row in zip(values, grad_rows, strict=True) if name not in grads]
        head = Rect(right.left, right.right, data[-1].bottom, data[0].top)
        self.update_head = ApiColumn("the step", "w -= lr * w.grad", colors.leaf, head)
        self.updates = {
            "w": update_formula("w", tape.value("w"), step, grads["w"], up.width),
            "b": update_formula("b", tape.value("b"), step, grads["b"], down.width),
        }
        fit_into(self.updates["w"], up)
        fit_into(self.updates["b"], down)


def slide_in(mobject: Mobject) -> Animation:
    """It appears and moves a little to the right."""
    return FadeIn(mobject, shift=0.3 * RIGHT)


def require_grad(tape: Tape, name: str) -> Quantity:
    """`.grad` of a leaf of a program in which every parameter gets one."""
    grad = tape.grad(name)
    assert grad is not None
    return grad


def result_row(labels: Sequence[str], area: Rect, number: Quantity) -> GradientRow:
    """A row with the first label that leaves room for six characters, as large as it can be."""
    for label, size in product(labels, (FontSize.body, FontSize.label)):
        row = GradientRow(label, area, number=number, tone=colors.value, font_size=size)
        if row.label.width + 0.2 + SIX_DIGITS * em(size) < area.width:
            break
    return row


def update_formula(
    name: str, old: Quantity, step: SgdStep, slope: Quantity, width: float
) -> Formula:
    """old - rate times slope = new; only the old and the new value where that exceeds `width`."""
    factor = "{slope}" if slope >= 0 else "lr(({slope}))"
    new = step.parameters[name]
    formula = Formula(
        f"{name}: {{old}} - {{rate}} times {factor} {{eq}} {{new}}",
        old=old, rate=step.rate, slope=slope, new=new,
        eq=when(lambda old, rate, slope: old - rate * slope, "new"),
        roles=ROLES, font_size=FontSize.label,
    )  # fmt: skip
    if formula.width * FontSize.small / FontSize.label <= width:
        return formula
    return Formula(
        f"{name}: {{old}} arrow.r.long {{new}}",
        old=old, new=new, roles=ROLES, font_size=FontSize.label,
    )  # fmt: skip


ROLES = {"old": "value", "slope": "gradient", "new": "leaf"}
PREDICTIONS = ("z = w x + b", "z")
LOSSES = ('"loss" = (z - "target")^2', '"loss"')
SIX_DIGITS = 2.6  # em
PRODUCT = "MulBackward0"
# The nodes whose arrival or sending begins a sentence about the backward pass.
ARRIVAL_BEGINS, SENDING_BEGINS = ("PowBackward0", PRODUCT), "SubBackward0"
START = (
    "A tiny model: w times x, plus b.",
    "w and b are learned, x and the target are data.",
)
SWITCH = (
    "The first pillar is a switch: requires_grad.",
    "It is on for w and b only.",
)
FORWARD = (
    "The forward pass computes z and the loss.",
    "z is {z}, so the loss is {loss}.",
)
NOTHING = "The gradients are still None."
TRIGGER = (
    "The second pillar is the trigger: loss.backward().",
    "The square sends twice {miss}.",
    "Minus and plus pass it on.",
    "Times multiplies it by x.",
)
RESULT = ("The third pillar is the result: .grad.", "w.grad is {w}, and b.grad is {b}.")
STEP = (
    "w and b step against their gradients.",
    "At learning rate {rate}, they become {w} and {b}.",
)
AGAIN = "Run forward again."
AFTER = (
    "The loss is {after}, as before.",
    "The loss went up to {after}: the step was too long.",
    "The loss falls to {after}.",
)
