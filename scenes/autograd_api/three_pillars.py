"""The switch, the trigger, the result.

requires_grad, backward() and .grad on a linear model with one weight and one bias, then one step of
SGD and the loss after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manim import FadeIn, FadeOut, Indicate, Mobject

from gradreel.draw.api_columns import ApiColumn, GradientRow, ParameterRow
from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.formula import Formula, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import content_area, fit_into
from gradreel.functions.function import input_quantity
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import fixed, record
from gradreel.scenes.autograd_api.sgd_step_experiment import SgdStep, sgd_step
from gradreel.tape import Quantity, Tape
from gradreel.theme import FontSize, colors


def program(w: Any, b: Any, x: Any, target: Any) -> Any:
    z = w * x + b
    loss = (z - target) ** 2
    return loss


class ThreePillars(LectureScene):
    class Params(SceneParams):
        w: float = param(0.5, "the weight", ge=-100, le=100)
        b: float = param(0.1, "the bias", ge=-100, le=100)
        x: float = param(2.0, "the input, which is data", ge=-100, le=100)
        target: float = param(1.0, "what z should be", ge=-100, le=100)
        rate: float = param(0.05, "the learning rate of the step", gt=0, le=10)

    def construct(self) -> None:
        p = self.params
        parameters, data = {"w": p.w, "b": p.b}, {"x": p.x, "target": p.target}
        tape = self.tape = record(program, w=p.w, b=p.b, x=fixed(p.x), target=fixed(p.target))
        step = sgd_step(program, parameters, data, p.rate)
        grads = {name: require_grad(tape, name) for name in parameters}
        self.build_layout(tape, step, grads, {**parameters, **data})
        z, loss, target = tape.value("z"), tape.value("loss"), tape.value("target")

        with self.beat("two to learn, two given", START, plays=1):
            self.play(*(FadeIn(row) for row in self.inputs.values()))
        with self.beat("the switch", SWITCH, plays=2):
            self.play(self.switch.appears())
            self.play(*(self.inputs[name].switch.turns_on() for name in parameters))
        with self.beat("forward", FORWARD, plays=2, z=z, target=target, loss=loss):
            self.play(self.graph.unfolds())
            self.play(FadeIn(self.prediction, self.loss))
        with self.beat("nothing yet", NOTHING):
            self.play(*(FadeIn(row) for row in self.grads.values()))
        steps = tape.backward()
        with self.beat("the trigger", TRIGGER, plays=2 * len(steps)):
            self.play(self.trigger.appears())
            for node in steps:
                self.play(self.graph.receives(node))
                if tape.outgoing(node.op):
                    self.play(self.graph.sends(node))
        with self.beat("the result", RESULT, plays=2, w=grads["w"], b=grads["b"]):
            self.play(self.result.appears())
            self.play(*(self.grads[n].becomes(g, self.graph.sums[n]) for n, g in grads.items()))
        with self.beat("a step against them", STEP, plays=2, rate=step.rate,
                       w=step.parameters["w"], b=step.parameters["b"]):  # fmt: skip
            for name in parameters:
                self.play(FormulaAssembly(self.updates[name], self.update_origins(name)))
        say = AFTER[(step.after > loss) - (step.after < loss)]
        with self.beat("the loss after it", say, plays=2, loss=loss, after=step.after):
            self.play(FadeOut(self.loss), FadeIn(self.loss_change))
            self.play(Indicate(self.loss_change, color=colors.accent))

    def build_layout(
        self, tape: Tape, step: SgdStep, grads: Mapping[str, Quantity], values: dict[str, float]
    ) -> None:
        """Three columns: the inputs with their switches, the graph, the gradients."""
        left, middle, right = content_area().columns(1, 1.1, 1, gap=0.5)
        head, *rows, high, low = left.rows(*WEIGHTS, gap=GAP)
        result_head, *grad_rows, up, down = right.rows(*WEIGHTS, gap=GAP)
        trigger_head, body = middle.rows(*WEIGHTS[:1], sum(WEIGHTS[1:]) + GAP * 5, gap=GAP)
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
        self.graph = CompactGraph(tape, body)
        self.prediction = fit_into(prediction_formula(tape), high)
        self.loss = fit_into(loss_formula(tape), low)
        self.loss_change = fit_into(loss_change_formula(step), low)
        self.updates = {
            "w": update_formula("w", tape.value("w"), step, grads["w"], up.width),
            "b": update_formula("b", tape.value("b"), step, grads["b"], down.width),
        }
        fit_into(self.updates["w"], up)
        fit_into(self.updates["b"], down)

    def update_origins(self, name: str) -> dict[str, Mobject]:
        """The mobjects from which the numbers of an update formula come, by slot."""
        origins = {"old": self.inputs[name].number, "slope": self.grads[name].number}
        slots = self.updates[name].slots
        return {slot: origin for slot, origin in origins.items() if slot in slots}


def require_grad(tape: Tape, name: str) -> Quantity:
    """`.grad` of a leaf of a program in which every parameter gets one."""
    grad = tape.grad(name)
    assert grad is not None
    return grad


def prediction_formula(tape: Tape) -> Formula:
    """z = w x + b and its value."""
    z = tape.value("z")
    return Formula("z = w x + b = {z}", z=z, roles={"z": "value"}, font_size=FontSize.label)


def loss_formula(tape: Tape) -> Formula:
    """The squared error and its value."""
    return Formula(
        '"loss" = (z - "target")^2 = {loss}',
        loss=tape.value("loss"), roles={"loss": "value"}, font_size=FontSize.label,
    )  # fmt: skip


def loss_change_formula(step: SgdStep) -> Formula:
    """The loss before and after the step."""
    return Formula(
        '"loss": {before} arrow.r.long {after}',
        before=step.before, after=step.after, roles={"before": "muted", "after": "value"},
        font_size=FontSize.body,
    )  # fmt: skip


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
WEIGHTS, GAP = (1, *[0.62] * 4, 0.75, 0.75), 0.08
START = "Two numbers are to be learnt, w and b. Two are given: the input x and its target."
SWITCH = "First, the switch: requires_grad. On for w and b; data needs no gradient."
FORWARD = "Forward: z is {z} where {target} was wanted. The loss, the squared miss, is {loss}."
NOTHING = "The graph stands, but nobody has asked for gradients: .grad is None everywhere."
TRIGGER = "Second, the trigger: one call, and gradients run back to whatever was switched on."
RESULT = "Third, the result: w.grad is {w} and b.grad {b}. x and target still have none."
STEP = "What they are for: at rate {rate}, a step against them makes w {w} and b {b}."
AFTER = (
    "Forward once more: the loss is {after}, as before. There was nothing to improve.",
    "Forward once more: the loss has gone up, from {loss} to {after}. The step was too long.",
    "Forward once more: the loss has come down from {loss} to {after}.",
)
