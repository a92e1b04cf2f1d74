"""Over a hundred programs: the tape, each formula and each caption of a film against plain torch.

The gradients come from a process that knows nothing of gradreel. Formulas are checked undrawn: the
template and the numbers that would be typeset, of the whole graph and of two folded ones.
"""

from __future__ import annotations

import functools
import json
import math
import operator
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gradreel.draw.folded import backward_captions as captions
from gradreel.draw.formula import when
from gradreel.draw.graph import gradient_formulas
from gradreel.draw.graph.step_names import whole_tape
from gradreel.fold import FoldedTape, fold, fold_by_module
from gradreel.record import fixed, record
from gradreel.record.program_loader import load_program
from gradreel.record.seeding import seeded
from gradreel.tape import Quantity, Step, Summary, Tape
from gradreel.tape.facts import pass_facts
from gradreel.tape.mistakes import find_mistakes

HERE = Path(__file__).parent
TABLE = HERE / "programs" / "table.py"
PROGRAMS = runpy.run_path(str(TABLE))["PROGRAMS"]


@pytest.fixture(scope="module")
def plain() -> dict[str, dict[str, Any]]:
    """The `.grad` of every leaf of every program, from a process of its own."""
    command = [sys.executable, "-W", "ignore", str(HERE / "plain_gradients.py"), str(TABLE)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@functools.cache
def tape_of(name: str) -> Tape:
    kind, inputs = PROGRAMS[name]
    if isinstance(kind, str):
        return load_program(kind, inputs).record()
    if not isinstance(kind, type):
        with seeded(0):
            return record(kind, **inputs)
    with seeded(0):
        model = kind().double()
        torch.manual_seed(0)
        return record(model.loss, **{key: fixed(value) for key, value in inputs.items()})


def test_the_table_has_over_a_hundred_programs() -> None:
    assert len(PROGRAMS) > 100


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_last_grad_of_every_leaf_is_that_of_plain_torch(name: str, plain: Any) -> None:
    tape = tape_of(name)
    # A leaf that an optimizer changed has a new op for each step.
    found = {tape[row.leaf].name: row.after for row in tape.grads if tape[row.leaf].requires_grad}
    for leaf, expected in plain[name].items():
        after = found.get(leaf)
        if expected is None:
            assert after is None
        elif isinstance(after, Summary):
            assert after.norm == pytest.approx(np.linalg.norm(np.asarray(expected)))
        else:
            np.testing.assert_allclose(np.asarray(after), np.asarray(expected), rtol=1e-9)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_formula_and_caption_is_true(name: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(gradient_formulas, "Formula", UndrawnFormula)
    tape = tape_of(name)
    for view in (tape, fold(tape), fold_by_module(tape)):
        for backward in tape.backwards:
            for step in view.backward(backward):
                check_step(view, tape, step)


class UndrawnFormula:
    """The template and the numbers of a formula, which must be true."""

    def __init__(self, template: str, *, roles: Any, font_size: float, **slots: Any) -> None:
        self.template = template
        self.numbers = {k: v for k, v in slots.items() if isinstance(v, Quantity)}
        signs = [slot.sign(slots) for slot in slots.values() if isinstance(slot, when)]
        self.sides = [[*self.numbers.values()][:-1], [*self.numbers.values()][-1:]]
        if signs:
            terms, total = map(math.fsum, self.sides)
            size = max(map(abs, self.numbers.values()))
            assert same(terms, total) or abs(terms - total) <= 1e-6 * size


def check_step(view: Tape, tape: Tape, step: Step) -> None:
    """Check what a film writes and says at one step of a pass."""
    incoming = view.incoming(step.op, step.backward)
    check_caption(view, step, *captions.step_caption(view, step))
    hooks = view.hooks_at(step.op, step.backward)
    for hook in hooks:
        check_caption(view, step, *captions.hook_caption(view, step, hook))
    if hooks and step.node == "AccumulateGrad":
        check_caption(view, step, *captions.accumulate_caption(view, step))
    if not isinstance(step.gradient, float):
        return
    output = view.outputs.get(step.op, (step.op,))[0] if isinstance(view, FoldedTape) else step.op
    facts = pass_facts(tape, step.backward)
    result = tape[facts.root] if facts.root else tape[output]
    scalars = tuple(e for e in incoming if isinstance(e.contribution, float))
    known = scalars if len(scalars) == len(incoming) else ()
    formula = gradient_formulas.arrival_formula(
        view, step, tape[output], facts, result, known, 30.0
    )
    total = [*formula.numbers.values()][-1]
    if ".grad" in formula.template:
        assert same(total, view.grad_added(step.op, step.backward))
    elif not hooks:
        assert same(total, step.gradient)
    if "partial" in formula.template:
        assert_is_derivative(tape, step.backward, output, float(total))


def assert_is_derivative(tape: Tape, backward: int, op_id: str, total: float) -> None:
    """A derivative is the sum over paths of products of local derivatives, where all are known."""
    totals: dict[str, float] = {pass_facts(tape, backward).root: 1.0}
    custom: set[str] = set()  # what a custom Function sent, or what came of that
    for step in tape.backward(backward):
        if step.op in custom or not re.search(
            r"\d$|^$|CopySlices|CopyBackwards", tape[step.op].grad_fn or ""
        ):
            custom |= {edge.target for edge in tape.outgoing(step.op, backward)}
    assert op_id not in custom
    for step in tape.backward(backward):
        if step.op not in totals:
            return
        for edge in tape.outgoing(step.op, backward):
            if edge.local is None:
                return
            totals[edge.target] = totals.get(edge.target, 0.0) + totals[step.op] * edge.local
    assert same(totals.get(op_id, total), total)


def check_caption(view: Tape, step: Step, text: str, numbers: dict[str, Quantity]) -> None:
    """Check the claims of a sentence, and that its numbers are the ones that it is about."""
    for claim, is_true in CLAIMS:
        if re.search(claim, text):
            assert is_true(view, step, numbers), (text, {k: float(n) for k, n in numbers.items()})
    assert set(re.findall(r"\{(\w+)\}", text)) <= set(numbers)
    assert "nan" not in text


def times_locals(view: Tape, step: Step, _: Any) -> bool:
    return all(
        same(step.gradient * edge.local, edge.contribution)
        for edge in view.outgoing(step.op, step.backward)
    )


def parts_add_up(view: Tape, step: Step, numbers: dict[str, Quantity]) -> bool:
    parts = [number for key, number in numbers.items() if key.startswith("part")]
    return same(functools.reduce(operator.add, map(float, parts)), numbers["brought"])


def sends_nothing(view: Tape, step: Step, _: Any) -> bool:
    return not view.outgoing(step.op, step.backward)


def grad_is(key: str) -> Any:
    return lambda view, step, numbers: same(numbers[key], view.grad_added(step.op, step.backward))


def grad_was(view: Tape, step: Step, numbers: dict[str, Quantity]) -> bool:
    before = view.grad_before(step.op, step.backward)
    return same(numbers["before"], before) and (
        same(numbers["before"] + numbers["brought"], numbers["after"])
    )


def had_no_grad(view: Tape, step: Step, _: Any) -> bool:
    return not view.has_grad_before(step.op, step.backward)


CLAIMS = (
    ("times its local derivatives", times_locals),
    (r"\} add up", parts_add_up),
    ("othing before it asks for a share", sends_nothing),
    (r"grad is \{brought\}", grad_is("brought")),
    (r"it is \{after\} now", grad_is("after")),
    (r"grad was \{before\}(\.| already)", grad_was),
    (r"(sent is|adds up to) \S+\.grad", had_no_grad),
    ("added to the .grad that was there", lambda v, s, n: v.has_grad_before(s.op, s.backward)),
    (r"starts at .* with \{total\}", lambda v, s, n: same(v.seed(s.op, s.backward), n["total"])),
    (r"Pass \{number\} of", lambda v, s, n: (n["number"], n["passes"])
     == (s.backward, len(whole_tape(v).backwards))),
    ("a hook waits", lambda v, s, n: bool(v.hooks_at(s.op, s.backward))),
    ("reach several values", lambda v, s, n: captions.values_with_gradient(v, s) > 1),
    ("reaches one value", lambda v, s, n: captions.values_with_gradient(v, s) == 1),
    ("go(es)? on to .* inside", lambda v, s, n: v.fold_at(s.op) is not None),
)  # fmt: skip


def same(one: float | None, other: float | None) -> bool:
    """Equal up to rounding of a sum; NaN equals NaN."""
    if one is None or other is None:
        return one is other
    both_nan = math.isnan(one) and math.isnan(other)
    return both_nan or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def steps_with(name: str, word: str) -> Iterator[str]:
    tape = tape_of(name)
    for step in tape.steps:
        text, _ = captions.step_caption(tape, step)
        if word in text:
            yield step.name


def test_an_output_that_is_not_differentiable_stands_once() -> None:
    tape = tape_of("function_with_mask")
    assert [op.name for op in tape if op.inputs] == ["", "doubled", "mask", "", ""]
    assert [op.id for op in tape if op.value is None] == ["WithMask"]  # it has two outputs


def test_what_custom_functions_and_hooks_touch_is_not_said_to_be_derivatives() -> None:
    assert list(steps_with("straight_through", "backward method of StraightThrough")) == ["bit"]
    assert "h" not in steps_with("reversal_hook", "times its local derivatives")


WITH_MISTAKES = {
    "mini_batches", "twice", "three_times", "vector_twice", "sgd_without_zero_grad",
    "chosen_inputs", "chosen_result", "detached", "no_grad_branch", "an_unused_input",
    "square_root_of_zero", "view_changed_under_no_grad", "retained_over_passes", "Generator",
    "micro_batches", "rows_of_a_jacobian", "retained_graph_thrice", "detach_half", "while_loop",
}  # fmt: skip


def test_only_programs_with_mistakes_get_warnings() -> None:
    assert {name for name in PROGRAMS if find_mistakes(tape_of(name))} == WITH_MISTAKES
