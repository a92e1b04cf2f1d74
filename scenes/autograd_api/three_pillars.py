"""The switch, the trigger, the result.

All of autograd's interface in three words: requires_grad says where gradients are wanted,
backward() computes them, .grad holds them. A step against them makes the loss smaller.
"""

from __future__ import annotations

from manim import FadeIn, FadeOut, Indicate, VGroup

from gradreel.draw.api_columns import ApiColumn, GradientRow, ParameterRow
from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.formula import Formula, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.layout import content_area, fit_into
from gradreel.functions.function import input_quantity
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import fixed, record
from gradreel.scenes.autograd_api.sgd_step_experiment import sgd_step
from gradreel.theme import FontSize, colors


def program(w, b, x, target):
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

    def construct(self):
        p = self.params
        learnt, data = {"w": p.w, "b": p.b}, {"x": p.x, "target": p.target}
        tape = self.tape = record(program, **learnt, **{k: fixed(v) for k, v in data.items()})
        self.step = sgd_step(program, learnt, data, p.rate)
        self.set_the_stage({**learnt, **data})
        z, loss, target = tape.value("z"), tape.value("loss"), tape.value("target")
        slopes = {name: tape.grad(name) for name in learnt}

        with self.beat("two to learn, two given", START, plays=1):
            self.play(*(FadeIn(row) for row in self.wanted.values()))
        with self.beat("the switch", SWITCH, plays=2):
            self.play(self.switch.appears())
            self.play(*(self.wanted[name].switch.turns_on() for name in learnt))
        with self.beat("forward", FORWARD, plays=2, z=z, target=target, loss=loss):
            self.play(self.graph.unfolds())
            self.play(FadeIn(self.forward))
        with self.beat("nothing yet", NOTHING):
            self.play(*(FadeIn(row) for row in self.held.values()))
        steps = tape.backward()
        with self.beat("the trigger", TRIGGER, plays=2 * len(steps)):
            self.play(self.trigger.appears())
            for step in steps:
                self.play(self.graph.receives(step))
                if tape.outgoing(step.op):
                    self.play(self.graph.sends(step))
        with self.beat("the result", RESULT, plays=2, **slopes):
            self.play(self.result.appears())
            self.play(*(self.held[n].becomes(g, self.graph.sums[n]) for n, g in slopes.items()))
        with self.beat("a step against them", STEP, plays=2, rate=self.step.rate,
                       w=self.step.learnt["w"], b=self.step.learnt["b"]):  # fmt: skip
            for name in learnt:
                self.play(FormulaAssembly(self.updates[name], self.origins(name)))
        say = AFTER[(self.step.after > loss) - (self.step.after < loss)]
        with self.beat("the loss after it", say, plays=2, loss=loss, after=self.step.after):
            self.play(FadeOut(self.forward[1]), FadeIn(self.again))
            self.play(Indicate(self.again, color=colors.accent))

    def set_the_stage(self, values):
        """Three columns: what is wanted, the graph, what is held."""
        left, middle, right = content_area().columns(1, 1.1, 1, gap=0.5)
        head, *rows, high, low = left.rows(*WEIGHTS, gap=GAP)
        result_head, *held_rows, up, down = right.rows(*WEIGHTS, gap=GAP)
        trigger_head, body = middle.rows(*WEIGHTS[:1], sum(WEIGHTS[1:]) + GAP * 5, gap=GAP)
        self.switch = ApiColumn("the switch", "requires_grad", colors.leaf, head)
        self.trigger = ApiColumn("the trigger", "loss.backward()", colors.accent, trigger_head)
        self.result = ApiColumn("the result", ".grad", colors.gradient, result_head)
        items = list(values.items())
        self.wanted = {
            name: ParameterRow(name, input_quantity(value, name), row)
            for (name, value), row in zip(items, rows, strict=True)
        }
        self.held = {
            name: GradientRow(f'upright("{name}.grad")', row)
            for (name, _), row in zip(items, held_rows, strict=True)
        }
        self.graph = CompactGraph(self.tape, body)
        self.forward = VGroup(
            fit_into(result_of(self.tape), high), fit_into(loss_of(self.tape), low)
        )
        self.again = fit_into(falls(self.step), low)
        self.updates = {
            name: fit_into(update(self.tape, self.step, name, area.width), area)
            for name, area in (("w", up), ("b", down))
        }

    def origins(self, name):
        """Where the numbers of an update come from."""
        origins = {"old": self.wanted[name].number, "slope": self.held[name].number}
        return {
            slot: origin for slot, origin in origins.items() if slot in self.updates[name].slots
        }


def result_of(tape) -> Formula:
    """The prediction."""
    z = tape.value("z")
    return Formula("z = w x + b = {z}", z=z, roles={"z": "value"}, font_size=FontSize.label)


def loss_of(tape) -> Formula:
    """The squared miss."""
    return Formula(
        '"loss" = (z - "target")^2 = {loss}',
        loss=tape.value("loss"), roles={"loss": "value"}, font_size=FontSize.label,
    )  # fmt: skip


def falls(step) -> Formula:
    """The loss before and after."""
    return Formula(
        '"loss": {before} arrow.r.long {after}',
        before=step.before, after=step.after, roles={"before": "muted", "after": "value"},
        font_size=FontSize.body,
    )  # fmt: skip


def update(tape, step, name, width) -> Formula:
    """A parameter less the rate times its slope; before and after alone if that is too long."""
    slope = tape.grad(name)
    factor = "{slope}" if slope >= 0 else "lr(({slope}))"
    numbers = {"old": tape.value(name), "new": step.learnt[name]}
    whole = Formula(
        f"{name}: {{old}} - {{rate}} times {factor} {{eq}} {{new}}",
        rate=step.rate, slope=slope, **numbers,
        eq=when(lambda old, rate, slope, new: old - rate * slope == new),
        roles=ROLES, font_size=FontSize.label,
    )  # fmt: skip
    if whole.width * FontSize.small / FontSize.label <= width:
        return whole
    return Formula(
        f"{name}: {{old}} arrow.r.long {{new}}", roles=ROLES, font_size=FontSize.label, **numbers
    )


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
