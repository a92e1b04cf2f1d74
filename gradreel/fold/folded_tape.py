"""A folded tape: a Tape whose ops are cards, with the recorded numbers of the full tape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum

from gradreel.fold.fold_types import Fold, Part, id_of, ops_of, relative_name
from gradreel.fold.partition import title
from gradreel.tape import Edge, HookCall, LeafGrad, Op, Quantity, Recorded, Step, Tape
from gradreel.tape.records import Value
from gradreel.tape.tape import Index

EdgeKey = tuple[str, str, int, int | None]
"""Source, target, slot and backward pass of an edge."""


@dataclass(frozen=True, slots=True)
class FoldedTape(Tape):
    """`full_tape` with some of its ops folded. Each op is a card; a fold has its last op's id.

    `parts` are what the cards show, and `boundary` the ids of ops outside of them, drawn as their
    inputs. `recorded_edges` are the edges of the full tape behind each edge between cards;
    `outputs` are the ops of each card whose values other cards use.

    The value of a fold is that of its output, and its gradient what the engine passed to that op;
    a fold with several outputs has neither. The contribution along an edge is the recorded one, or
    the sum of several recorded ones to the same op. It is None where tensors would have to be
    summed, and where the edges lead to several ops.
    """

    full_tape: Tape = field(default_factory=lambda: Tape("", {}, ()))
    parts: tuple[Part, ...] = ()
    boundary: tuple[str, ...] = ()
    recorded_edges: Mapping[EdgeKey, tuple[Edge, ...]] = field(default_factory=dict)
    outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def folds(self) -> tuple[Fold, ...]:
        """The parts that can be opened."""
        return tuple(part for part in self.parts if isinstance(part, Fold))

    def fold_at(self, op_id: str) -> Fold | None:
        """The fold that a card shows, or None if the card shows a single op."""
        return next((fold for fold in self.folds if fold.id == op_id), None)

    def operations(self, fold: Fold) -> Quantity:
        """The number of operations in a fold; its inputs and constants are none."""
        computed = [op for op in fold.ops if self.full_tape[op].inputs]
        return Quantity(float(len(computed)), f"operations recorded in {fold.name}", fold.name)

    def value(self, op_id: str, index: Index = ()) -> Quantity:
        """The recorded value of a card's output."""
        return self.full_tape.value(self._output(op_id), index)

    def gradient(self, op_id: str, backward: int = 1, index: Index = ()) -> Quantity:
        """The gradient that the engine passed to a card's output."""
        return self.full_tape.gradient(self._output(op_id), backward, index)

    def seed(self, op_id: str, backward: int = 1) -> Quantity | None:
        """The gradient with which a pass starts at a card's output."""
        return self.full_tape.seed(self._output(op_id), backward)

    def starts_at(self, op_id: str, backward: int = 1) -> bool:
        """Whether a pass starts at a card's output."""
        return self.full_tape.starts_at(self._output(op_id), backward)

    def hooks_at(self, op_id: str, backward: int = 1, kind: str = "tensor") -> tuple[HookCall, ...]:
        """The calls of hooks on a card's output."""
        return self.full_tape.hooks_at(self._output(op_id), backward, kind)

    def hook_number(self, hook: HookCall, *, after: bool, index: Index = ()) -> Quantity | None:
        """The recorded number; the op of a hook may be hidden in a card."""
        return self.full_tape.hook_number(hook, after=after, index=index)

    def local(self, edge: Edge) -> Quantity:
        """The recorded local derivative of an edge that stands for one recorded edge."""
        (recorded,) = self.recorded_edges[_key(edge)]
        return self.full_tape.local(recorded)

    def contribution(self, edge: Edge, index: Index = ()) -> Quantity:
        """The recorded contribution along an edge, or the sum of those it stands for."""
        recorded = self.recorded_edges[_key(edge)]
        sent = [self.full_tape.contribution(row, index) for row in recorded]
        if len(sent) == 1:
            return sent[0]
        label = f"{self[edge.source].name} to {self[edge.target].name}"
        source = f"sum of what was sent from {label} in backward {edge.backward}"
        return Quantity(fsum(sent), source, label)

    def _output(self, op_id: str) -> str:
        outputs = self.outputs.get(op_id, ())
        return outputs[0] if len(outputs) == 1 else op_id


def build_folded_tape(
    full_tape: Tape, parts: Sequence[Part], boundary: Sequence[str] = (), module: str = "",
    title_of: Callable[[Op], str] = title,
) -> FoldedTape:  # fmt: skip
    """`full_tape` as cards of `parts`, with cards of the ops of `boundary` as their inputs.

    Names inside of `module` are given without its prefix; `title_of` gives that of a single op.
    """
    return _Builder(full_tape, tuple(parts), tuple(boundary), module, title_of).build()


class _Builder:
    """Builds one folded tape in time linear in the length of the full tape."""

    def __init__(
        self, full_tape: Tape, parts: tuple[Part, ...], boundary: tuple[str, ...], module: str,
        title_of: Callable[[Op], str],
    ) -> None:  # fmt: skip
        self.full_tape, self.parts, self.boundary = full_tape, parts, boundary
        self.module, self.title_of = module, title_of
        self.owner = {op: id_of(part) for part in parts for op in ops_of(part)}
        self.owner |= {op: op for op in boundary}
        self.fold_ids = {part.id for part in parts if isinstance(part, Fold)}
        self.wiring = {id_of(part): self._wire(part) for part in (*boundary, *parts)}
        self.outputs = self._find_outputs()

    def build(self) -> FoldedTape:
        """The folded tape; its rows are in the order of the full tape."""
        position = {op.id: index for index, op in enumerate(self.full_tape)}
        cards = sorted((*self.boundary, *self.parts), key=lambda part: position[id_of(part)])
        recorded_edges = self._group_edges()
        return FoldedTape(
            self.full_tape.program,
            self.full_tape.inputs,
            ops=tuple(self._op(part) for part in cards),
            edges=tuple(self._edge(key, rows) for key, rows in recorded_edges.items()),
            steps=self._steps(),
            grads=self._grads(),
            seeds=self.full_tape.seeds,
            hooks=self.full_tape.hooks,
            full_tape=self.full_tape,
            parts=self.parts,
            boundary=self.boundary,
            recorded_edges=recorded_edges,
            outputs=self.outputs,
        )

    def _find_outputs(self) -> dict[str, tuple[str, ...]]:
        """The ops of each card that others use; the card's last op where there are none.

        Weights in a fold of operations are none of its outputs, even if others use them too.
        """
        outputs: dict[str, dict[str, None]] = {id_of(part): {} for part in self.parts}
        hidden = {
            op
            for part in self.parts
            if isinstance(part, Fold) and part.kind != "inputs"
            for op in part.ops
            if not self.full_tape[op].inputs
        }
        for op in self.full_tape:
            for source in op.inputs:
                card = self.owner.get(source)
                if card in outputs and self.owner.get(op.id) != card and source not in hidden:
                    outputs[card][source] = None
        return {card: tuple(ops) or (card,) for card, ops in outputs.items()}

    def _op(self, part: Part) -> Op:
        op = self.full_tape[id_of(part)]
        inputs = self.wiring[op.id][0]
        if isinstance(part, str):
            return replace(op, name=self._name(part), call="", inputs=inputs)
        outputs = [self.full_tape[inner] for inner in self.outputs[part.id]]
        single = len(outputs) == 1
        return replace(
            op,
            name=self._name(part),
            op="fold",
            inputs=inputs,
            shape=outputs[0].shape if single else (len(outputs),),
            value=outputs[0].value if single else None,
            is_leaf=part.kind == "inputs",
            requires_grad=any(output.requires_grad for output in outputs),
            grad_fn=None,
            call="",
        )

    def _wire(self, part: Part) -> tuple[tuple[str, ...], dict[tuple[str, int], int]]:
        """The inputs of a card, and the input that each slot of an op behind it became.

        An op uses another as often as it does in the program, but a fold only once.
        """
        cards: list[str] = []
        slots: dict[tuple[str, int], int] = {}
        inner = () if part in self.boundary else ops_of(part)
        for op in inner:
            for slot, source in enumerate(self.full_tape[op].inputs):
                card = self.owner.get(source, source)
                if card == id_of(part):
                    continue
                if isinstance(part, Fold) or card in self.fold_ids:
                    if card not in cards:
                        cards.append(card)
                    slots[op, slot] = cards.index(card)
                else:
                    slots[op, slot] = len(cards)
                    cards.append(card)
        return tuple(cards), slots

    def _group_edges(self) -> dict[EdgeKey, tuple[Edge, ...]]:
        """The recorded edges behind each edge between cards; those inside a fold are left out."""
        groups: dict[EdgeKey, list[Edge]] = {}
        for edge in self.full_tape.edges:
            source, target = self.owner.get(edge.source), self.owner.get(edge.target)
            if source is None or target is None or source == target or source in self.boundary:
                continue
            slot = self.wiring[source][1][edge.source, edge.slot]
            groups.setdefault((source, target, slot, edge.backward), []).append(edge)
        return {key: tuple(rows) for key, rows in groups.items()}

    def _edge(self, key: EdgeKey, rows: tuple[Edge, ...]) -> Edge:
        source, target, slot, backward = key
        if len(rows) == 1:
            # The local derivative of an op inside a fold is not that of the fold's output.
            local = rows[0].local if self.outputs.get(source) == (rows[0].source,) else None
            return Edge(source, target, slot, local, rows[0].contribution, backward)
        total: Value | None = None
        numbers = [row.contribution for row in rows if isinstance(row.contribution, float)]
        if len(numbers) == len(rows) and len({row.target for row in rows}) == 1:
            total = fsum(numbers)
        return Edge(source, target, slot, None, total, backward)

    def _steps(self) -> tuple[Step, ...]:
        """One step for each card and pass, at the time of the first step of an op in the card."""
        first: dict[tuple[int, str], Step] = {}
        gradients: dict[tuple[int, str], Recorded | None] = {}
        for step in self.full_tape.steps:
            card = self.owner.get(step.op)
            if card is not None and card not in self.boundary:
                first.setdefault((step.backward, card), step)
                if self.outputs[card] == (step.op,):
                    gradients[step.backward, card] = step.gradient
        parts = {id_of(part): part for part in self.parts}
        rows, counts = [], dict.fromkeys((step.backward for step in self.full_tape.steps), 0)
        for (number, card), step in first.items():
            counts[number] += 1
            is_output = card == step.op and len(self.outputs[card]) == 1
            gradient = gradients.get((number, card))
            node = step.node if is_output else ""
            rows.append(Step(number, counts[number], card, self._name(parts[card]), node, gradient))
        return tuple(rows)

    def _name(self, part: Part) -> str:
        name = part.name if isinstance(part, Fold) else self.title_of(self.full_tape[part])
        return relative_name(name, self.module)

    def _grads(self) -> tuple[LeafGrad, ...]:
        unfolded = {part for part in self.parts if isinstance(part, str)}
        return tuple(row for row in self.full_tape.grads if row.leaf in unfolded)


def _key(edge: Edge) -> EdgeKey:
    return (edge.source, edge.target, edge.slot, edge.backward)
