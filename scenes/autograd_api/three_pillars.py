"""The switch, the trigger, the result.

requires_grad, backward() and .grad on a linear model with one weight and one bias, then one step of
SGD and the loss after it.
"""

from __future__ import annotations

from collections.abc import Mapping

from manim import Animation, AnimationGroup, FadeIn, FadeOut, Indicate, LaggedStart

from gradreel.draw.exchange import arrives, exchange, goes
from gradreel.draw.formula import Formula, when
from gradreel.draw.layout import fit_into
from gradreel.draw.text import text
from gradreel.draw.toggle import Toggle
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param
from gradreel.record import fixed, record
from gradreel.scenes.autograd_api.attribute_heads_figure import AttributeHeads
from gradreel.scenes.autograd_api.joins import MODEL_GRAPH, SWITCH_WORD
from gradreel.scenes.autograd_api.linear_model_program import program
from gradreel.scenes.autograd_api.pillar_graph_figure import PILLARS, PillarGraph, pillar_areas
from gradreel.scenes.autograd_api.sgd_step_experiment import SgdStep, sgd_step
from gradreel.tape import Quantity, Tape, input_quantity
from gradreel.theme import FontSize, Timing, colors

SWITCH_HEAD, TRIGGER_HEAD, RESULT_HEAD = range(3)


class ThreePillars(LectureScene):
    begins_with, ends_with = SWITCH_WORD, MODEL_GRAPH

    class Params(SceneParams):
        w: float = param(0.5, "the weight", ge=-100, le=100)
        b: float = param(0.1, "the bias", ge=-100, le=100)
        x: float = param(2.0, "the input, which is data", ge=-100, le=100)
        target: float = param(1.0, "what z should be", ge=-100, le=100)
        rate: float = param(0.05, "the learning rate of the step", gt=0, le=10)

    def construct(self) -> None:
        p = self.params
        self.parameters, self.data = {"w": p.w, "b": p.b}, {"x": p.x, "target": p.target}
        given = {name: fixed(value) for name, value in self.data.items()}
        tape = self.tape = record(program, w=p.w, b=p.b, x=given["x"], target=given["target"])
        step = sgd_step(program, self.parameters, self.data, p.rate)
        new = {name: float(value) for name, value in step.parameters.items()}
        after = record(program, w=new["w"], b=new["b"], x=given["x"], target=given["target"])
        grads = {name: require_grad(tape, name) for name in self.parameters}
        self.build_layout(tape, step, grads)
        self.play_switch()
        self.play_forward(tape)
        self.play_backward(tape, grads)
        self.play_step(step, after, tape.value("loss"))
        self.close_without_numbers()

    def build_layout(self, tape: Tape, step: SgdStep, grads: Mapping[str, Quantity]) -> None:
        """The three pillars by name, the graph below them, and the update in a free corner."""
        heads, area = pillar_areas()
        self.heads = AttributeHeads(PILLARS, heads)
        self.graph = PillarGraph(tape, area)
        self.graph.switch_off()
        inputs = {**self.parameters, **self.data}
        self.values = {
            name: self.graph.value(name, input_quantity(x, name)) for name, x in inputs.items()
        }
        self.toggles = {name: self.graph.place_tag(name, Toggle()) for name in inputs}
        corner = self.graph.free_corner()
        code, *rows = corner.rows(1, 1, 1, gap=0.1)
        self.code = text("w -= lr * w.grad", font_size=FontSize.code, color=colors.leaf, mono=True)
        fit_into(self.code, code)
        self.updates = {
            name: update_formula(name, tape.value(name), step, grads[name], corner.width)
            for name in self.parameters
        }
        for row, formula in zip(rows, self.updates.values(), strict=True):
            fit_into(formula, row)

    def play_switch(self) -> None:
        """The model, its parameters and data, and which of them require a gradient."""
        with self.beat("two to learn, two given", *START) as said:
            self.play(self.carry("requires_grad", self.heads.heads[0]), self.graph.unfolds())
            said.next()
            self.play(LaggedStart(*map(FadeIn, self.values.values()), lag_ratio=0.5))
        with self.beat("the switch", *SWITCH) as said:
            self.play(self.heads.marks(SWITCH_HEAD), run_time=0.6)
            toggles = [self.graph.puts_on(name, tag) for name, tag in self.toggles.items()]
            self.play(LaggedStart(*toggles, lag_ratio=0.3))
            said.next()
            turned = [self.toggles[name].turns_on() for name in self.parameters]
            self.play(LaggedStart(*turned, lag_ratio=0.4), self.graph.lights_up())

    def play_forward(self, tape: Tape) -> None:
        """The forward pass, after which all gradients are None."""
        z, loss = tape.value("z"), tape.value("loss")
        with self.beat("forward", *FORWARD, plays=1, z=z, loss=loss) as said:
            self.play(self.computes(tape))
            said.next()
            self.play(Indicate(self.values["loss"], color=colors.accent))
        with self.beat("nothing yet", NOTHING, plays=2):
            tags = map(goes, self.graph.takes_tags())
            self.play(*tags, self.heads.appears(RESULT_HEAD), run_time=0.6)
            nones = [
                self.graph.puts_on(name, self.graph.tag(name, "None", colors.muted))
                for name in self.toggles
            ]
            self.play(LaggedStart(*nones, lag_ratio=0.2))

    def computes(self, tape: Tape) -> Animation:
        """Pulses run forward, and each brings a result its value, in the place of an old one."""
        shown: dict[str, list[Animation]] = {}
        for op in tape.ops:
            if op.id in self.graph.nodes and not op.is_leaf:
                new = self.graph.value(op.id, tape.value(op.id))
                shown[op.id] = arrives(self.values.get(op.id), new)
                self.values[op.id] = new
        return self.graph.traces_forward(beside=shown)

    def play_backward(self, tape: Tape, grads: Mapping[str, Quantity]) -> None:
        """The backward pass, and the gradients that it leaves."""
        graph = self.graph
        steps = [step for step in tape.backward() if not tape[step.op].is_leaf]
        self.products: list[Formula] = []
        with self.beat("the trigger", *TRIGGER, miss=tape.value("sub")) as said:
            self.play(self.heads.begins(TRIGGER_HEAD))
            for step in steps:
                product = graph.product_tag(step) if step.node == PRODUCT else None
                if step.node in ARRIVAL_BEGINS:
                    said.next(plays=1 + (step.node == SENDING_BEGINS or product is not None))
                if product is not None:
                    self.products.append(product)
                    self.play(FadeIn(product))
                self.play(graph.lights(step), *graph.hands_on(step))
        with self.beat("the result", *RESULT, plays=2, w=grads["w"], b=grads["b"]) as said:
            self.play(self.heads.marks(RESULT_HEAD), run_time=0.6)
            moves: list[Animation] = []
            for name, grad in grads.items():
                old, new = graph.tags[name], graph.sum_tag(name, grad)
                graph.tags[name] = new
                moves += [exchange(old, new)]
                moves += [Indicate(n, color=colors.accent) for n in graph.numbers_before(name)]
            self.play(*moves)
            said.next(plays=2)
            self.play(*(Indicate(graph.tags[name], color=colors.accent) for name in grads))
            self.play(*(Indicate(graph.tags[name], color=colors.accent) for name in self.data))

    def play_step(self, step: SgdStep, after: Tape, loss: Quantity) -> None:
        """A step of SGD, and the forward pass with the new parameters."""
        new, graph = step.parameters, self.graph
        with self.beat(
            "a step against them", *STEP, plays=1, loop=False, rate=step.rate, **new
        ) as said:
            lit = [op_id for op_id in graph.nodes if not after[op_id].is_leaf]
            gone = [FadeOut(n) for n in (*graph.takes_numbers(), *self.products)]
            self.play(*gone, *graph.dims(lit), run_time=0.6)
            self.play(LaggedStart(*map(FadeIn, (self.code, *self.updates.values())), lag_ratio=0.5))
            said.next()
            self.play(*(self.takes_value(name, new[name]) for name in new))
        say = AFTER[(step.after > loss) - (step.after < loss)]
        with self.beat(
            "the loss after it", AGAIN, say, plays=1, loop=False, after=step.after
        ) as said:
            self.play(self.computes(after))
            said.next()
            self.play(Indicate(self.values["loss"], color=colors.accent))

    def takes_value(self, name: str, number: Quantity) -> Animation:
        """The new value of a parameter in its card, while its update is highlighted."""
        old, new = self.values[name], self.graph.value(name, number)
        self.values[name] = new
        marked = Indicate(self.updates[name], 1.04, colors.accent)
        return AnimationGroup(exchange(old, new), marked)

    def close_without_numbers(self) -> None:
        """Only the graph goes on to the next scene; what is written on it leaves before."""
        if self.has_default_params:
            heads = (*self.heads.heads, self.heads.bar)
            written = (*self.values.values(), *self.graph.takes_tags(), *self.updates.values())
            self.play(FadeOut(*heads, *written, self.code), run_time=Timing.leave)
        self.close(graph=self.graph)


def require_grad(tape: Tape, name: str) -> Quantity:
    """`.grad` of a leaf of a program in which every parameter gets one."""
    grad = tape.grad(name)
    assert grad is not None
    return grad


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
        roles=ROLES, font_size=FontSize.body,
    )  # fmt: skip
    if formula.width * FontSize.small / FontSize.body <= width:
        return formula
    return Formula(
        f"{name}: {{old}} arrow.r.long {{new}}",
        old=old, new=new, roles=ROLES, font_size=FontSize.body,
    )  # fmt: skip


ROLES = {"old": "value", "slope": "gradient", "new": "leaf"}
PRODUCT = "MulBackward0"
SENDING_BEGINS = "SubBackward0"  # a sentence that the node after it shares
ARRIVAL_BEGINS = ("PowBackward0", SENDING_BEGINS, PRODUCT)
START = (
    "A tiny model: w times x, plus b.",
    "w and b are learned, x and the target are data.",
)
SWITCH = (
    "The first pillar is a switch: requires_grad.",
    "It is on for w and b only.",
)
FORWARD = (
    "The forward pass computes the loss.",
    "z is {z}, so the loss is {loss}.",
)
NOTHING = "The gradients are still None."
TRIGGER = (
    "The second pillar is the trigger: loss.backward().",
    "The square sends twice {miss}.",
    "Minus and plus pass it on.",
    "Times multiplies it by x.",
)
RESULT = (
    "The third pillar is the result: .grad.",
    "w.grad is {w}, b.grad is {b}, and the data keep None.",
)
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
