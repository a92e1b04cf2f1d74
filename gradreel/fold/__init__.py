"""Folding of large tapes: modules, loop iterations and lines become single cards.

folded = fold(tape, GridSize(columns=6, rows=4))   # a tape that fits into a grid of cards
inside = open_fold(folded, part)                   # the contents of one of its folds

The result depends on the tape and the grid alone. It is a `FoldedTape`, which is a Tape, so
whatever draws a tape can draw it.
"""

from __future__ import annotations

from gradreel.errors import unknown_name
from gradreel.fold.fit_to_grid import GridFitter, GridSize
from gradreel.fold.fold_types import Fold, Part, fold_of, id_of, ops_of
from gradreel.fold.folded_tape import FoldedTape, build_folded_tape
from gradreel.fold.partition import Partitioner
from gradreel.tape import Tape

__all__ = [
    "Fold",
    "FoldedTape",
    "GridSize",
    "Part",
    "choose_fold",
    "fold",
    "fold_by_module",
    "id_of",
    "open_fold",
    "ops_of",
]


def fold(tape: Tape, grid: GridSize | None = None) -> FoldedTape:
    """The whole tape, folded until its graph fits into `grid`."""
    fitter = GridFitter(tape, grid or GridSize())
    leaves = [op.id for op in tape if not op.inputs]
    computed = [op.id for op in tape if op.inputs]
    arguments = [op.id for op in tape if not op.inputs and op.name in tape.inputs]
    unfolded = arguments if len(arguments) <= fitter.grid.rows else []
    parts = [*leaves, *fitter.partitioner.divide(computed)]
    return build_folded_tape(tape, fitter.fit(parts, unfolded=unfolded))


def fold_by_module(tape: Tape) -> FoldedTape:
    """The tape with a fold for every call of an outermost module, its parameters included."""
    owners: dict[str, Fold] = {}
    for part in Partitioner(tape).fold_modules([op.id for op in tape if op.inputs]):
        if isinstance(part, Fold):
            owners |= dict.fromkeys(part.ops, part)
    users: dict[str, list[str]] = {}
    for op in tape:
        for source in op.inputs:
            users.setdefault(source, []).append(op.id)
    parameters: dict[str, list[str]] = {}
    single: list[Part] = []
    for op in tape:
        user_parts = {id_of(owners.get(user, user)) for user in users.get(op.id, ())}
        only_user = next(iter(user_parts)) if len(user_parts) == 1 else ""
        if not op.inputs and op.module and only_user in owners:
            parameters.setdefault(only_user, []).append(op.id)
        elif op.id not in owners:
            single.append(op.id)
    folds = [
        fold_of(part.kind, part.name, (*parameters.get(part.id, ()), *part.parts))
        for part in dict.fromkeys(owners.values())
    ]
    return build_folded_tape(tape, [*single, *folds])


def open_fold(folded: FoldedTape, part: Fold, grid: GridSize | None = None) -> FoldedTape:
    """The contents of a fold, folded until they fit into `grid`, with the ops that they use."""
    tape = folded.full_tape
    inner = set(part.ops)
    boundary = [
        source
        for op in part.ops
        for source in tape[op].inputs
        if source not in inner and tape[source].op != "constant"
    ]
    boundary = list(dict.fromkeys(boundary))
    fitter = GridFitter(tape, grid or GridSize())
    inputs = part.kind == "inputs"
    parts = fitter.stack_inputs(part.ops) if inputs else fitter.fit(part.parts, boundary)
    return build_folded_tape(tape, parts, boundary, part.name if part.kind == "module" else "")


def choose_fold(folded: FoldedTape, name: str = "", backward: int = 1) -> Fold | None:
    """The fold that a film opens: the one called `name`, or the most instructive one.

    That is the fold in which backward pass `backward` starts, if its first op is hidden; else the
    last of several equal parts or module calls, which the pass reaches first; else the largest.
    Returns None if there is no fold or `name` is "none"; raises UsageError for an unknown name.
    """
    folds = [fold for fold in folded.folds if fold.kind != "inputs"]
    if name == "none" or not folds:
        return None
    if name:
        by_name = {fold.name: fold for fold in folds}
        if name not in by_name:
            raise unknown_name("folded part", name, [*by_name, "none"])
        return by_name[name]
    steps = folded.full_tape.backward(backward)
    first_op = steps[0].op if steps else ""
    for fold in folds:
        if first_op in fold.ops and folded.outputs[fold.id] != (first_op,):
            return fold
    reached = {step.op for step in folded.backward(backward)}
    folds = [fold for fold in folds if fold.id in reached] or folds
    tokens = [Partitioner(folded.full_tape).token(fold) for fold in folds]
    repeated = [fold for fold, token in zip(folds, tokens, strict=True) if tokens.count(token) > 1]
    calls = [fold for fold in folds if fold.kind in ("iteration", "module")]
    if repeated or calls:
        return [*repeated, *calls][-1]
    return max(folds, key=lambda f: len(f.ops))
