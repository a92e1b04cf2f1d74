"""Builds the frozen Tape from the graph and the backward passes of a finished recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import prod

import torch

from gradreel.record.autograd_nodes import node_name
from gradreel.record.backward_recorder import BackwardPass
from gradreel.record.plain_numbers import PlainNumbers
from gradreel.record.tensor_values import (
    BRIEF,
    FULL,
    MAX_NUMBERS,
    Detail,
    summarize,
    to_value,
)
from gradreel.record.value_nodes import ValueNode, assign_ids, call_text
from gradreel.tape import (
    Edge,
    Exit,
    HookCall,
    LeafGrad,
    ModuleCall,
    Op,
    Recorded,
    Seed,
    Step,
    Tape,
    Value,
)


def build_tape(
    program: str,
    inputs: Mapping[str, Value],
    value_nodes: list[ValueNode],
    passes: list[BackwardPass],
    results: list[ValueNode],
    notes: Iterable[str] = (),
    module_calls: Iterable[ModuleCall] = (),
    exits: Iterable[PlainNumbers] = (),
) -> Tape:
    """The Tape of a finished recording; values that nothing uses are left out.

    `results` are the values that the program returned, which are always kept.
    """
    received = [one.value_node for backward_pass in passes for one in backward_pass.received]
    kept = _without_unused(value_nodes, [*results, *received])
    assign_ids(kept)
    detail = BRIEF if _count_numbers(kept, passes) > MAX_NUMBERS else FULL
    return Tape(
        program=program,
        inputs=dict(inputs),
        ops=tuple(_op(value_node, detail) for value_node in kept),
        edges=tuple(_edges(kept, passes, detail)),
        steps=tuple(_steps(passes, detail)),
        grads=tuple(_grads(passes, {id(value_node) for value_node in kept}, detail)),
        seeds=tuple(_seeds(passes, detail)),
        hooks=tuple(_hooks(passes, {id(value_node) for value_node in kept}, detail)),
        module_calls=tuple(_module_calls(kept, module_calls)),
        exits=tuple(dict.fromkeys(_exits(kept, exits))),
        notes=tuple(dict.fromkeys(notes)),
    )


def _count_numbers(kept: list[ValueNode], passes: list[BackwardPass]) -> int:
    """How many numbers a tape would have in full, those of summaries left out."""
    sent = [one.gradient for backward_pass in passes for one in backward_pass.contributions]
    received = [one.gradient for backward_pass in passes for one in backward_pass.received]
    sizes = [prod(value_node.shape) for value_node in kept]
    sizes += [tensor.numel() for tensor in (*sent, *received) if tensor is not None]
    return sum(size for size in sizes if size <= FULL.elements)


def _with_detail(value_node: ValueNode, detail: Detail) -> Recorded | None:
    value = value_node.value
    if isinstance(value, tuple) and prod(value_node.shape) > detail.elements:
        return summarize(torch.tensor(value, dtype=torch.float64), detail)
    return value


def _without_unused(value_nodes: list[ValueNode], required: Iterable[ValueNode]) -> list[ValueNode]:
    """Named, tracked, input and `required` values, with all values that these use."""
    kept = {id(value_node) for value_node in required}
    for value_node in reversed(value_nodes):
        # The output of a Function that is not differentiable is a value of its own already.
        is_empty = value_node.op == "output" and value_node.value is None
        is_tracked = value_node.node is not None and not is_empty
        is_relevant = value_node.is_input or value_node.name or is_tracked
        is_inner_leaf = value_node.op == "leaf" and value_node.name_depth > 0
        if is_relevant and not (is_inner_leaf and not value_node.is_input):
            kept.add(id(value_node))
        if id(value_node) in kept:
            kept.update(id(source) for source in value_node.inputs)
    return [value_node for value_node in value_nodes if id(value_node) in kept]


def _op(value_node: ValueNode, detail: Detail) -> Op:
    return Op(
        id=value_node.id,
        name=value_node.name,
        op=value_node.op,
        inputs=tuple(source.id for source in value_node.inputs),
        shape=value_node.shape,
        value=_with_detail(value_node, detail),
        is_leaf=value_node.is_leaf,
        requires_grad=value_node.requires_grad,
        grad_fn=None if value_node.node is None else node_name(value_node.node),
        dtype=value_node.dtype,
        call=call_text(value_node),
        line=value_node.line,
        module=value_node.module,
    )


def _exits(kept: list[ValueNode], exits: Iterable[PlainNumbers]) -> Iterable[Exit]:
    known = {id(value_node) for value_node in kept}
    for one in exits:
        if id(one.value_node) in known:
            yield Exit(one.value_node.id, one.call.format(one.value_node.id), one.line)


def _module_calls(
    kept: list[ValueNode], module_calls: Iterable[ModuleCall]
) -> Iterable[ModuleCall]:
    ops: dict[int, list[str]] = {}
    for value_node in kept:
        if value_node.inputs:
            ops.setdefault(value_node.module_call, []).append(value_node.id)
    for number, call in enumerate(module_calls, start=1):
        yield replace(call, ops=tuple(ops.get(number, ())))


def _edges(kept: list[ValueNode], passes: list[BackwardPass], detail: Detail) -> Iterable[Edge]:
    """Edges that no pass used, then those of each pass in the engine's order."""
    used = {id(one.edge) for backward_pass in passes for one in backward_pass.contributions}
    for value_node in kept:
        for edge in value_node.edges:
            if id(edge) not in used:
                yield Edge(value_node.id, edge.target.id, edge.slot, edge.local, None, None)
    for number, backward_pass in enumerate(passes, start=1):
        for one in backward_pass.contributions:
            yield Edge(
                source=one.source.id,
                target=one.edge.target.id,
                slot=one.edge.slot,
                local=one.edge.local,
                contribution=to_value(one.gradient, detail),
                backward=number,
            )


def _steps(passes: list[BackwardPass], detail: Detail) -> Iterable[Step]:
    for number, backward_pass in enumerate(passes, start=1):
        for order, received in enumerate(backward_pass.received, start=1):
            yield Step(
                backward=number,
                order=order,
                op=received.value_node.id,
                name=received.value_node.name or received.value_node.id,
                node=received.node,
                gradient=to_value(received.gradient, detail),
            )


def _grads(passes: list[BackwardPass], kept: set[int], detail: Detail) -> Iterable[LeafGrad]:
    for number, backward_pass in enumerate(passes, start=1):
        for change in backward_pass.grad_changes:
            if id(change.value_node) in kept:
                before, after = (to_value(grad, detail) for grad in (change.before, change.after))
                yield LeafGrad(number, change.value_node.id, before, after)


def _seeds(passes: list[BackwardPass], detail: Detail) -> Iterable[Seed]:
    for number, backward_pass in enumerate(passes, start=1):
        for value_node, gradient in backward_pass.seeds:
            yield Seed(number, value_node.id, to_value(gradient, detail))


def _hooks(passes: list[BackwardPass], kept: set[int], detail: Detail) -> Iterable[HookCall]:
    for number, backward_pass in enumerate(passes, start=1):
        for hook in backward_pass.hooks:
            if id(hook.value_node) in kept:
                before, after = (to_value(grad, detail) for grad in (hook.before, hook.after))
                yield HookCall(number, hook.value_node.id, hook.name, hook.kind, before, after)
