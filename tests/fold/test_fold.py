"""Folding loses no op and no arrow, waits in no circle, and its numbers are the recording's."""

from __future__ import annotations

import math
from collections import Counter
from graphlib import TopologicalSorter
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gradreel.errors import UsageError
from gradreel.fold import Fold, FoldedTape, GridSize, choose_fold, fold, open_fold, ops_of
from gradreel.record import record
from gradreel.tape import Edge, Op, Tape

MODULES = ("", "net.0", "net.0.fc", "net.1", "head")


def any_tape(count: int, seed: int) -> Tape:
    """Any tape: inputs here and there, values used early and late, modules, lines, names."""
    chance = Random(seed)
    ops: list[Op] = []
    for number in range(count):
        earlier = [op.id for op in ops]
        chosen = [chance.choice(earlier) for _ in range(chance.randint(0, 2)) if earlier]
        if earlier and chance.random() < 0.6:
            chosen.append(earlier[-1])
        kind = chance.choice(("Sin", "Mul", "Add")) if chosen else "leaf"
        ops.append(
            Op(
                id=f"v@{number}", name=chance.choice(("", "v")), op=kind,
                inputs=tuple(chosen), shape=(), value=1.0, is_leaf=not chosen, requires_grad=True,
                grad_fn=None, line=chance.randint(1, 6),
                module=chance.choice(MODULES) if chosen else "",
            )
        )  # fmt: skip
    edges = [
        Edge(op.id, source, slot, None, None, None)
        for op in ops
        for slot, source in enumerate(op.inputs)
    ]
    return Tape("any", {}, tuple(ops), tuple(edges))


tapes = st.builds(any_tape, st.integers(1, 60), st.integers(0, 10**6))
rooms = st.builds(GridSize, columns=st.integers(3, 8), rows=st.integers(2, 6))


def columns(view: FoldedTape) -> int:
    """The length of the longest way through the cards."""
    depth: dict[str, int] = {}
    for op in view.ops:
        depth[op.id] = 1 + max((depth[source] for source in op.inputs), default=0)
    return max(depth.values())


@given(tapes, rooms)
@settings(deadline=None, max_examples=40)
def test_every_op_lies_in_exactly_one_part(tape: Tape, room: GridSize) -> None:
    held = Counter(op for part in fold(tape, room).parts for op in ops_of(part))
    assert held == Counter(op.id for op in tape)


@given(tapes, rooms)
@settings(deadline=None, max_examples=40)
def test_every_arrow_is_kept_or_lies_within_a_fold(tape: Tape, room: GridSize) -> None:
    view = fold(tape, room)
    owner = {op: k for k, part in enumerate(view.parts) for op in ops_of(part)}
    between = [e for e in tape.edges if owner[e.source] != owner[e.target]]
    seen = [row for rows in view.recorded_edges.values() for row in rows]
    assert Counter(map(str, seen)) == Counter(map(str, between))
    for edge in view.edges:
        assert view[edge.source].inputs[edge.slot] == edge.target


@given(tapes, rooms)
@settings(deadline=None, max_examples=40)
def test_cards_do_not_wait_for_each_other(tape: Tape, room: GridSize) -> None:
    view = fold(tape, room)
    assert len({op.id for op in view.ops}) == len(view.parts)
    order = TopologicalSorter({op.id: op.inputs for op in view.ops})
    assert len(list(order.static_order())) == len(view.ops)


@given(tapes, rooms)
@settings(deadline=None, max_examples=20)
def test_what_is_folded_can_be_opened_down_to_the_last_op(tape: Tape, room: GridSize) -> None:
    view = fold(tape, room)
    left: list[tuple[FoldedTape, Fold]] = [(view, part) for part in view.folds]
    while left:
        outer, part = left.pop()
        inside = open_fold(outer, part, room)
        assert Counter(op for p in inside.parts for op in ops_of(p)) == Counter(part.ops)
        assert all(len(p.ops) < len(part.ops) for p in inside.folds)
        left += [(inside, p) for p in inside.folds]


@given(tapes, rooms)
@settings(deadline=None, max_examples=40)
def test_the_same_tape_folds_the_same_way(tape: Tape, room: GridSize) -> None:
    assert fold(tape, room).parts == fold(Tape.from_json(tape.to_json()), room).parts


@given(tapes)
@settings(deadline=None, max_examples=40)
def test_a_picture_is_wide_enough(tape: Tape) -> None:
    view = fold(tape, GridSize(6, 1000))
    assert columns(view) <= 6


@given(st.lists(st.integers(0, 4), min_size=30, max_size=120), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=12)
def test_the_numbers_are_those_of_the_recording(kinds: list[int], chance) -> None:  # type: ignore[no-untyped-def]
    def program(x, y):  # type: ignore[no-untyped-def]
        kept = [x, y]
        for kind in kinds:
            a, b = kept[-1], chance.choice(kept[-4:])
            made = (torch.sin(a), a * b, a + b, torch.tanh(b), a - 0.5 * b)[kind]
            kept.append(made)
        return kept[-1] + 0 * kept[-2] + 0 * x

    tape = record(program, x=0.7, y=-0.4)
    view = fold(tape)
    for step in view.backward():
        arrived = view.incoming(step.op)
        if step.gradient is None or not arrived:
            continue
        shares = [view.contribution(edge) for edge in arrived]
        assert math.fsum(shares) == pytest.approx(view.gradient(step.op), rel=1e-12, abs=1e-15)
        assert [edge.contribution for edge in arrived] == shares
    for step in view.backward():
        for edge in view.outgoing(step.op):
            if edge.local is not None:
                product = view.gradient(step.op) * view.local(edge)
                assert product == pytest.approx(view.contribution(edge), rel=1e-9, abs=1e-300)


def loop(w, x):  # type: ignore[no-untyped-def]
    h = [x]
    for _ in range(50):
        h.append(torch.tanh(w * h[-1] + x))
    return h[-1]


def test_passes_of_a_loop_are_told_by_the_first_and_the_last() -> None:
    view = fold(record(loop, w=0.5, x=0.1))
    assert [op.name for op in view.ops] == [
        "w", "x", "h[1]", "h[2]", "h[3] … h[48]", "h[49]", "h[50]",
    ]  # fmt: skip
    chosen = choose_fold(view)
    assert chosen is not None
    assert chosen.name == "h[50]"
    assert [op.name for op in open_fold(view, chosen).ops] == [
        "w",
        "x",
        "h[49]",
        "mul",
        "add",
        "h[50]",
    ]


def test_a_fold_is_opened_by_its_name() -> None:
    view = fold(record(loop, w=0.5, x=0.1))
    named = choose_fold(view, "h[3] … h[48]")
    assert named is not None
    assert named.count == 46 * 3
    assert choose_fold(view, "none") is None
    with pytest.raises(UsageError, match=r"h\[49\]"):
        choose_fold(view, "h[4]")


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 2))
            for _ in range(3)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = x + block(x)
        return x.sum()


def test_modules_hold_their_parameters() -> None:
    net = Net().double()
    view = fold(record(net, x=torch.ones(1, 2, dtype=torch.float64)))
    folds = {part.name: part for part in view.folds}
    assert list(folds) == ["x@2", "x@3", "x@4"]
    for number, name in enumerate(folds):
        held = {op for op in folds[name].ops if op.startswith("blocks.")}
        assert held == {
            f"blocks.{number}.{k}.{kind}" for k in (0, 2) for kind in ("weight", "bias")
        }
