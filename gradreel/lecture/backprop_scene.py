"""The base class of scenes that play a backward pass on a graph, node by node."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from manim import RIGHT, UP, Mobject

from gradreel.draw.folded import FoldedGraph
from gradreel.draw.folded.backward_captions import (
    accumulate_caption,
    hook_caption,
    pass_count_text,
    step_caption,
)
from gradreel.draw.formula import Formula
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.step_names import op_name, step_name, whole_tape
from gradreel.draw.layout import point, safe_area
from gradreel.errors import UsageError
from gradreel.fold import Fold, choose_fold
from gradreel.fold.module_choice import choose_module, fold_containing, is_fold_of
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.tape import HookCall, Op, Step, Tape
from gradreel.theme import FontSize, colors


class BackpropScene(LectureScene):
    """A scene that plays a backward pass; `persistent` mobjects stay while it zooms into a fold."""

    persistent: tuple[Mobject, ...] = ()

    def play_backward(
        self, graph: TapeGraph, part: Fold | None, backward: int = 1,
        target: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """Play one backward pass in the engine's order; for the fold `part`, also its interior.

        In there it goes on to the fold of the ops `target`, if that is another one.
        """
        for step in graph.tape.backward(backward):
            if part is not None and step.op == part.id and isinstance(graph, FoldedGraph):
                self.play_inside_fold(graph, part, step, target)
            else:
                self.play_step(graph, step)

    def play_step(self, graph: TapeGraph, step: Step, sends: bool = True) -> None:
        """Play one node: it receives its gradient, hooks change it, and it sends contributions.

        Each hook of the program has a beat of its own, and so has what is added to `.grad` then.
        """
        caption, numbers = self.step_caption(graph, step)
        sends = sends and bool(graph.tape.outgoing(step.op, step.backward))
        hooks = graph.tape.hooks_at(step.op, step.backward)
        name = f"at {step_name(graph.tape, step)}"
        sends_now = sends and not hooks
        with self.beat(name, caption, plays=1 + sends_now, **numbers):
            self.play(graph.receives(step))
            if sends_now:
                self.play(graph.sends(step))
        for hook in hooks:
            is_last = hook is hooks[-1]
            self._play_hook(graph, step, hook, sends=sends and is_last)
        if step.node == "AccumulateGrad":
            self._play_accumulation(graph, step, after_hooks=bool(hooks))

    def _play_hook(self, graph: TapeGraph, step: Step, hook: HookCall, *, sends: bool) -> None:
        caption, numbers = hook_caption(graph.tape, step, hook)
        name = f"hook {hook.name} at {step_name(graph.tape, step)}"
        with self.beat(name, caption, plays=1 + sends, **numbers):
            self.play(graph.applies_hook(step, hook))
            if sends:
                self.play(graph.sends(step))

    def _play_accumulation(self, graph: TapeGraph, step: Step, *, after_hooks: bool) -> None:
        """What a leaf adds to `.grad` after its hooks, and the hooks that run after that."""
        if after_hooks:
            caption, numbers = accumulate_caption(graph.tape, step)
            with self.beat(f"{step_name(graph.tape, step)}.grad", caption, **numbers):
                self.play(graph.accumulates(step))
        for hook in graph.tape.hooks_at(step.op, step.backward, "post_accumulate"):
            self._play_hook(graph, step, hook, sends=False)

    def step_caption(self, graph: TapeGraph, step: Step) -> tuple[str, dict[str, Any]]:
        """The caption of a step, and the numbers in it."""
        return step_caption(graph.tape, step)

    def play_inside_fold(
        self, graph: FoldedGraph, part: Fold, step: Step, target: frozenset[str] = frozenset()
    ) -> None:
        """Zoom into a fold, play its interior in the engine's order, and zoom out."""
        interior = graph.fold_interior(part)
        if step.gradient is not None:
            self.play_step(graph, step, sends=False)
        outside = self.scene_mobjects()
        is_one = int(graph.view.operations(part)) == 1
        into = INTO_FOLDS if interior.graph.view.folds else INTO_NODE if is_one else INTO_NODES
        with self.beat(f"into {part.name}", into.format(name=part.name)):
            self.play(interior.zooms_in(outside))
        deeper = None
        if not is_fold_of(graph.view, part, target):
            deeper = fold_containing(interior.graph.view, target)
        self.play_backward(interior.graph, deeper, step.backward, target)
        sends = bool(graph.tape.outgoing(step.op, step.backward))
        with self.beat(f"out of {part.name}", OUT.format(name=part.name), plays=1 + sends):
            self.play(interior.zooms_out(self.scene_mobjects(), outside))
            if step.gradient is None:  # of several values: the card shows that they were reached
                self.play(graph.receives(step), run_time=0.4)
            if sends:
                self.play(graph.sends(step))

    def show_pass_count(self, tape: Tape, backward: int) -> None:
        """Write `pass 2 of 3` right of the header, if the program runs several passes."""
        _, numbers = pass_count_text(tape, backward)
        if numbers:
            label = Formula(PASS_COUNT, font_size=FontSize.label, color=colors.muted, **numbers)
            area = safe_area()
            label.move_to(point(area.right, area.top), aligned_edge=UP + RIGHT)
            self.header.add(label)

    def scene_mobjects(self) -> list[Mobject]:
        """The mobjects on stage without header, caption and `persistent` ones."""
        kept = (self.header, self._caption, *self.persistent)
        return [m for m in self.mobjects if not any(m is other for other in kept)]


def forward_caption(
    tape: Tape, result: Op, of_number: str, of_tensor: str
) -> tuple[str, dict[str, Any]]:
    """The caption of a forward pass to `result` with its value, which a tensor has not.

    The templates have the slots `{result}` and, for a number, `{{value}}`.
    """
    is_number = prod(result.shape) == 1 and result.value is not None
    template = of_number if is_number else of_tensor
    text = " ".join((template.format(result=op_name(result)), *tape.notes))
    index = (0,) * len(result.shape)
    return text, {"value": tape.value(result.id, index)} if is_number else {}


def op_on_card(graph: TapeGraph, op: Op) -> Op:
    """An op as its card names it: with a number after its name, where several have the same name.

    So is one called that is inside a fold.
    """
    tape = whole_tape(graph.tape)
    for card in graph.tape if graph.tape is not tape else ():
        if card.id == op.id and card.op != "fold":
            return card
    is_only_one = sum(one.name == op.name for one in tape) < 2
    return op if is_only_one or not op.name else replace(op, name=op.id)


def chosen_part(graph: FoldedGraph, name: str, backward: int) -> tuple[Fold | None, frozenset[str]]:
    """The fold that a film of `graph` opens, and the ops of the part to which it goes on."""
    if graph.tape_has_modules:
        return choose_module(graph.view, name, backward)
    return choose_fold(graph.view, name, backward), frozenset()


def chosen_pass(tape: Tape, number: int) -> int:
    """The pass `number` of a tape, its last one for 0; UsageError if there is no such pass."""
    if number == 0 and tape.backwards:
        return tape.backwards[-1]
    if number not in tape.backwards:
        valid = [str(n) for n in tape.backwards]
        raise UsageError(f"-P backward={number}: the program has no such pass.", valid=valid)
    return number


PASS_COUNT = 'upright("pass") med {number} med upright("of") med {passes}'
INTO_NODES = "{name} is one card for several operations. These are its real nodes."
INTO_NODE = "{name} is one card for an operation with what it takes. This is its real node."
INTO_FOLDS = "{name} stands for many operations. We look at what happens in there."
OUT = "Out again. What {name} had to send is now with its inputs."
