"""A folded graph as a tape: one op a card, the numbers those of the recording behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum

from gradreel.fold.fold_types import Fold, Part, id_of, ops_of
from gradreel.fold.partition import title
from gradreel.tape import Edge, LeafGrad, Op, Quantity, Step, Tape
from gradreel.tape.records import Value
from gradreel.tape.tape import Index

EdgeKey = tuple[str, str, int, int | None]


@dataclass(frozen=True, slots=True)
class FoldedTape(Tape):
    """What is seen of `whole` when it is folded. Its ops are the cards: a fold goes by its last op.

    A fold's value is that of the one op in it that others use, its gradient what the engine handed
    to that op. A contribution along a folded edge is the recorded one or, of several to the same
    op, their sum; between tensors, and where a fold hands out several values, there is none.
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
        """The fold behind a card, or None where the card is an op itself."""
        return next((fold for fold in self.folds if fold.id == op_id), None)

    def value(self, op_id: str, index: Index = ()) -> Quantity:
        """The recorded value behind a card."""
        return self.full_tape.value(self._door(op_id), index)

    def gradient(self, op_id: str, backward: int = 1, index: Index = ()) -> Quantity:
        """The gradient that the engine handed to the op behind a card."""
        return self.full_tape.gradient(self._door(op_id), backward, index)

    def local(self, edge: Edge) -> Quantity:
        """The recorded local derivative on an edge that nothing was folded into."""
        (row,) = self.recorded_edges[_key(edge)]
        return self.full_tape.local(row)

    def contribution(self, edge: Edge, index: Index = ()) -> Quantity:
        """What was sent along a folded edge: the recorded contribution, or the sum of several."""
        rows = self.recorded_edges[_key(edge)]
        sent = [self.full_tape.contribution(row, index) for row in rows]
        if len(sent) == 1:
            return sent[0]
        way = f"{self[edge.source].name} to {self[edge.target].name}"
        source = f"sum of what was sent from {way} in backward {edge.backward}"
        return Quantity(fsum(sent), source, way)

    def _door(self, op_id: str) -> str:
        exits = self.outputs.get(op_id, ())
        return exits[0] if len(exits) == 1 else op_id


def build_folded_tape(
    whole: Tape, parts: Sequence[Part], border: Sequence[str] = (), within: str = ""
) -> FoldedTape:
    """`whole` seen as `parts`, with the cards of `border` beside them.

    What lies in the module `within` goes by its name in there.
    """
    return _Viewer(whole, tuple(parts), tuple(border), within).view()


class _Viewer:
    """Makes one view; takes time in proportion to the tape."""

    def __init__(
        self, whole: Tape, parts: tuple[Part, ...], border: tuple[str, ...], within: str
    ) -> None:
        self.full_tape, self.parts, self.boundary, self.within = whole, parts, border, within
        self.owner = {op: id_of(part) for part in parts for op in ops_of(part)}
        self.owner |= {op: op for op in border}
        self.folded = {part.id for part in parts if isinstance(part, Fold)}
        self.wired = {id_of(part): self._wired(part) for part in (*border, *parts)}
        self.outputs = self._exits()

    def view(self) -> FoldedTape:
        """The view, its rows in the order of the tape."""
        place = {op.id: number for number, op in enumerate(self.full_tape)}
        cards = sorted((*self.boundary, *self.parts), key=lambda part: place[id_of(part)])
        bundles = self._bundles()
        return FoldedTape(
            self.full_tape.program,
            self.full_tape.inputs,
            ops=tuple(self._op(part) for part in cards),
            edges=tuple(self._edge(key, rows) for key, rows in bundles.items()),
            steps=self._steps(),
            grads=self._grads(),
            whole=self.full_tape,
            parts=self.parts,
            border=self.boundary,
            bundles=bundles,
            exits=self.outputs,
        )

    def _exits(self) -> dict[str, tuple[str, ...]]:
        """The ops of each card whose values leave it; the last op where none does."""
        out: dict[str, dict[str, None]] = {id_of(part): {} for part in self.parts}
        for op in self.full_tape:
            for source in op.inputs:
                card = self.owner.get(source)
                if card in out and self.owner.get(op.id) != card:
                    out[card][source] = None
        return {card: tuple(ops) or (card,) for card, ops in out.items()}

    def _op(self, part: Part) -> Op:
        op = self.full_tape[id_of(part)]
        inputs = self.wired[op.id][0]
        if isinstance(part, str):
            return replace(op, name=self._name(part), call="", inputs=inputs)
        doors = [self.full_tape[inner] for inner in self.outputs[part.id]]
        alone = len(doors) == 1
        return replace(
            op,
            name=self._name(part),
            op="fold",
            inputs=inputs,
            shape=doors[0].shape if alone else (len(doors),),
            value=doors[0].value if alone else None,
            is_leaf=part.kind == "inputs",
            requires_grad=any(door.requires_grad for door in doors),
            grad_fn=None,
            call="",
        )

    def _wired(self, part: Part) -> tuple[tuple[str, ...], dict[tuple[str, int], int]]:
        """A card's inputs, and which of them each input of the ops behind it became.

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
                if isinstance(part, Fold) or card in self.folded:
                    if card not in cards:
                        cards.append(card)
                    slots[op, slot] = cards.index(card)
                else:
                    slots[op, slot] = len(cards)
                    cards.append(card)
        return tuple(cards), slots

    def _bundles(self) -> dict[EdgeKey, tuple[Edge, ...]]:
        """The recorded edges behind each folded one; those inside a fold are not seen."""
        found: dict[EdgeKey, list[Edge]] = {}
        for edge in self.full_tape.edges:
            source, target = self.owner.get(edge.source), self.owner.get(edge.target)
            if source is None or target is None or source == target or source in self.boundary:
                continue
            slot = self.wired[source][1][edge.source, edge.slot]
            found.setdefault((source, target, slot, edge.backward), []).append(edge)
        return {key: tuple(rows) for key, rows in found.items()}

    def _edge(self, key: EdgeKey, rows: tuple[Edge, ...]) -> Edge:
        source, target, slot, backward = key
        if len(rows) == 1:
            # Inside a fold, what an op multiplies by is not what the whole fold multiplies by.
            local = rows[0].local if self.outputs.get(source) == (rows[0].source,) else None
            return Edge(source, target, slot, local, rows[0].contribution, backward)
        sent: Value | None = None
        numbers = [row.contribution for row in rows if isinstance(row.contribution, float)]
        if len(numbers) == len(rows) and len({row.target for row in rows}) == 1:
            sent = fsum(numbers)
        return Edge(source, target, slot, None, sent, backward)

    def _steps(self) -> tuple[Step, ...]:
        """The cards' turns: a card's begins with the first turn of an op in it."""
        first: dict[tuple[int, str], Step] = {}
        handed: dict[tuple[int, str], Value | None] = {}
        for step in self.full_tape.steps:
            card = self.owner.get(step.op)
            if card is not None and card not in self.boundary:
                first.setdefault((step.backward, card), step)
                if self.outputs[card] == (step.op,):
                    handed[step.backward, card] = step.gradient
        parts = {id_of(part): part for part in self.parts}
        rows, counts = [], dict.fromkeys((step.backward for step in self.full_tape.steps), 0)
        for (number, card), step in first.items():
            counts[number] += 1
            whole = card == step.op and len(self.outputs[card]) == 1
            gradient = handed.get((number, card))
            node = step.node if whole else ""
            rows.append(Step(number, counts[number], card, self._name(parts[card]), node, gradient))
        return tuple(rows)

    def _name(self, part: Part) -> str:
        name = part.name if isinstance(part, Fold) else title(self.full_tape[part])
        return name.replace(f"{self.within}.", "") if self.within else name

    def _grads(self) -> tuple[LeafGrad, ...]:
        alone = {part for part in self.parts if isinstance(part, str)}
        return tuple(row for row in self.full_tape.grads if row.leaf in alone)


def _key(edge: Edge) -> EdgeKey:
    return (edge.source, edge.target, edge.slot, edge.backward)
