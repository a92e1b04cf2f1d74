"""From the working notes to the frozen Tape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gradreel.record.autograd_nodes import node_name
from gradreel.record.engine_hooks import BackwardPass
from gradreel.record.tensor_values import to_value
from gradreel.record.value_nodes import ValueNode, give_ids, written_out
from gradreel.tape import Edge, LeafGrad, Op, Step, Tape, Value


def assemble(
    program: str,
    inputs: Mapping[str, Value],
    entries: list[ValueNode],
    passes: list[BackwardPass],
    results: list[ValueNode],
) -> Tape:
    """The Tape of a finished recording; side results that nothing uses drop out."""
    touched = [h.entry for one in passes for h in one.handed]
    kept = _without_idle(entries, [*results, *touched])
    give_ids(kept)
    return Tape(
        program=program,
        inputs=dict(inputs),
        ops=tuple(_op(entry) for entry in kept),
        edges=tuple(_edges(kept, passes)),
        steps=tuple(_steps(passes)),
        grads=tuple(_grads(passes, {id(entry) for entry in kept})),
    )


def _without_idle(entries: list[ValueNode], results: Iterable[ValueNode]) -> list[ValueNode]:
    held = {id(entry) for entry in results}
    for entry in reversed(entries):
        wanted = entry.is_input or entry.name or entry.node is not None
        if wanted and not (entry.op == "leaf" and entry.depth > 0 and not entry.is_input):
            held.add(id(entry))
        if id(entry) in held:
            held.update(id(source) for source in entry.inputs)
    return [entry for entry in entries if id(entry) in held]


def _op(entry: ValueNode) -> Op:
    return Op(
        id=entry.id,
        name=entry.name,
        op=entry.op,
        inputs=tuple(source.id for source in entry.inputs),
        shape=entry.shape,
        value=entry.value,
        is_leaf=entry.is_leaf,
        requires_grad=entry.requires_grad,
        grad_fn=None if entry.node is None else node_name(entry.node),
        dtype=entry.dtype,
        call=written_out(entry),
        line=entry.line,
        module=entry.module,
    )


def _edges(kept: list[ValueNode], passes: list[BackwardPass]) -> Iterable[Edge]:
    used = {id(sent.route) for one in passes for sent in one.sent}
    for entry in kept:
        for route in entry.routes:
            if id(route) not in used:
                yield Edge(entry.id, route.target.id, route.slot, route.local, None, None)
    for number, one in enumerate(passes, start=1):
        for sent in one.sent:
            yield Edge(
                source=sent.source.id,
                target=sent.route.target.id,
                slot=sent.route.slot,
                local=sent.route.local,
                contribution=to_value(sent.gradient),
                backward=number,
            )


def _steps(passes: list[BackwardPass]) -> Iterable[Step]:
    for number, one in enumerate(passes, start=1):
        for order, handed in enumerate(one.handed, start=1):
            yield Step(
                backward=number,
                order=order,
                op=handed.entry.id,
                name=handed.entry.name or handed.entry.id,
                node=handed.node,
                gradient=to_value(handed.gradient),
            )


def _grads(passes: list[BackwardPass], kept: set[int]) -> Iterable[LeafGrad]:
    for number, one in enumerate(passes, start=1):
        for change in one.changes:
            if id(change.entry) in kept:
                before, after = to_value(change.before), to_value(change.after)
                yield LeafGrad(number, change.entry.id, before, after)
