"""Folding keeps every op and edge, makes no cycle, and shows the recorded numbers."""

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


def random_tape(count: int, seed: int) -> Tape:
    """A tape with inputs at any position, early and late uses, modules, lines and names."""
    random = Random(seed)
    ops: list[Op] = []
    for number in range(count):
        earlier = [op.id for op in ops]
        chosen = [random.choice(earlier) for _ in range(random.randint(0, 2)) if earlier]
        if earlier and random.random() < 0.6:
            chosen.append(earlier[-1])
        kind = random.choice(("Sin", "Mul", "Add")) if chosen else "leaf"
        ops.append(
            Op(
                id=f"v@{number}", name=random.choice(("", "v")), op=kind,
                inputs=tuple(chosen), shape=(), value=1.0, is_leaf=not chosen, requires_grad=True,
                grad_fn=None, line=random.randint(1, 6),
                module=random.choice(MODULES) if chosen else "",
            )
        )  # fmt: skip
    edges = [
        Edge(op.id, source, slot, None, None, None)
        for op in ops
        for slot, source in enumerate(op.inputs)
    ]
    return Tape("any", {}, tuple(ops), tuple(edges))


tapes = st.builds(random_tape, st.integers(1, 60), st.integers(0, 10**6))
grids = st.builds(GridSize, columns=st.integers(3, 8), rows=st.integers(2, 6))


def columns(folded: FoldedTape) -> int:
    """The number of cards on the longest path."""
    depth: dict[str, int] = {}
    for op in folded.ops:
        depth[op.id] = 1 + max((depth[source] for source in op.inputs), default=0)
    return max(depth.values())


@given(tapes, grids)
@settings(deadline=None, max_examples=40)
def test_every_op_is_in_exactly_one_part(tape: Tape, grid: GridSize) -> None:
    folded_ops = Counter(op for part in fold(tape, grid).parts for op in ops_of(part))
    assert folded_ops == Counter(op.id for op in tape)


@given(tapes, grids)
@settings(deadline=None, max_examples=40)
def test_every_edge_is_kept_or_inside_a_fold(tape: Tape, grid: GridSize) -> None:
    folded = fold(tape, grid)
    owner = {op: k for k, part in enumerate(folded.parts) for op in ops_of(part)}
    between_parts = [e for e in tape.edges if owner[e.source] != owner[e.target]]
    recorded = [row for rows in folded.recorded_edges.values() for row in rows]
    assert Counter(map(str, recorded)) == Counter(map(str, between_parts))
    for edge in folded.edges:
        assert folded[edge.source].inputs[edge.slot] == edge.target


@given(tapes, grids)
@settings(deadline=None, max_examples=40)
def test_the_graph_of_cards_has_no_cycle(tape: Tape, grid: GridSize) -> None:
    folded = fold(tape, grid)
    assert len({op.id for op in folded.ops}) == len(folded.parts)
    order = TopologicalSorter({op.id: op.inputs for op in folded.ops})
    assert len(list(order.static_order())) == len(folded.ops)


@given(tapes, grids)
@settings(deadline=None, max_examples=20)
def test_folds_can_be_opened_down_to_single_ops(tape: Tape, grid: GridSize) -> None:
    folded = fold(tape, grid)
    left: list[tuple[FoldedTape, Fold]] = [(folded, part) for part in folded.folds]
    while left:
        outer, part = left.pop()
        inside = open_fold(outer, part, grid)
        assert Counter(op for p in inside.parts for op in ops_of(p)) == Counter(part.ops)
        assert all(len(p.ops) < len(part.ops) for p in inside.folds)
        left += [(inside, p) for p in inside.folds]


@given(tapes, grids)
@settings(deadline=None, max_examples=40)
def test_equal_tapes_fold_equally(tape: Tape, grid: GridSize) -> None:
    assert fold(tape, grid).parts == fold(Tape.from_json(tape.to_json()), grid).parts


@given(tapes)
@settings(deadline=None, max_examples=40)
def test_a_folded_tape_has_at_most_the_columns_of_the_grid(tape: Tape) -> None:
    folded = fold(tape, GridSize(6, 1000))
    assert columns(folded) <= 6


@given(st.lists(st.integers(0, 4), min_size=30, max_size=120), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=12)
def test_the_numbers_are_those_recorded(kinds: list[int], random) -> None:  # type: ignore[no-untyped-def]
    def program(x, y):  # type: ignore[no-untyped-def]
        values = [x, y]
        for kind in kinds:
            a, b = values[-1], random.choice(values[-4:])
            result = (torch.sin(a), a * b, a + b, torch.tanh(b), a - 0.5 * b)[kind]
            values.append(result)
        return values[-1] + 0 * values[-2] + 0 * x

    tape = record(program, x=0.7, y=-0.4)
    folded = fold(tape)
    for step in folded.backward():
        incoming = folded.incoming(step.op)
        if step.gradient is None or not incoming:
            continue
        shares = [folded.contribution(edge) for edge in incoming]
        assert math.fsum(shares) == pytest.approx(folded.gradient(step.op), rel=1e-12, abs=1e-15)
        assert [edge.contribution for edge in incoming] == shares
    for step in folded.backward():
        for edge in folded.outgoing(step.op):
            if edge.local is not None:
                product = folded.gradient(step.op) * folded.local(edge)
                assert product == pytest.approx(folded.contribution(edge), rel=1e-9, abs=1e-300)


def loop(w, x):  # type: ignore[no-untyped-def]
    h = [x]
    for _ in range(50):
        h.append(torch.tanh(w * h[-1] + x))
    return h[-1]


def test_iterations_between_the_first_and_the_last_are_one_fold() -> None:
    folded = fold(record(loop, w=0.5, x=0.1))
    assert [op.name for op in folded.ops] == [
        "w", "x", "h[1]", "h[2]", "h[3] … h[48]", "h[49]", "h[50]",
    ]  # fmt: skip
    chosen = choose_fold(folded)
    assert chosen is not None
    assert chosen.name == "h[50]"
    assert [op.name for op in open_fold(folded, chosen).ops] == [
        "w",
        "x",
        "h[49]",
        "mul",
        "add",
        "h[50]",
    ]


def test_a_fold_is_chosen_by_its_name() -> None:
    folded = fold(record(loop, w=0.5, x=0.1))
    named = choose_fold(folded, "h[3] … h[48]")
    assert named is not None
    assert folded.operations(named) == 46 * 3
    assert choose_fold(folded, "none") is None
    with pytest.raises(UsageError, match=r"h\[49\]"):
        choose_fold(folded, "h[4]")


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


def test_the_fold_of_a_module_contains_its_parameters() -> None:
    net = Net().double()
    folded = fold(record(net, x=torch.ones(1, 2, dtype=torch.float64)))
    folds = {part.name: part for part in folded.folds}
    assert list(folds) == ["blocks.0 … x@2", "blocks.1 … x@3", "blocks.2 … x@4"]
    for number, name in enumerate(folds):
        parameters = {op for op in folds[name].ops if op.startswith("blocks.")}
        assert parameters == {
            f"blocks.{number}.{k}.{kind}" for k in (0, 2) for kind in ("weight", "bias")
        }
