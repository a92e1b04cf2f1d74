"""Large programs, folded until they fit on a picture: by module, by pass of a loop, by line.

folded = fold(tape, Room(columns=6, rows=4))   # a tape of at most so many cards
inside = opened(folded, fold)                  # what one of its folds holds

Both are functions of the tape alone: the same program always folds the same way. What they give is
a `View`, itself a tape, so that whatever draws a tape draws it too.
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
    "Part",
    "GridSize",
    "FoldedTape",
    "by_module",
    "fold",
    "id_of",
    "opened",
    "ops_of",
    "to_open",
]


def fold(tape: Tape, room: GridSize | None = None) -> FoldedTape:
    """The whole tape, folded until it fits into `room`."""
    fitter = GridFitter(tape, room or GridSize())
    free = [op.id for op in tape if not op.inputs]
    bound = [op.id for op in tape if op.inputs]
    given = [op.id for op in tape if not op.inputs and op.name in tape.inputs]
    kept = given if len(given) <= fitter.room.rows else []
    return build_folded_tape(tape, fitter.fit([*free, *fitter.divider.divide(bound)], kept=kept))


def fold_by_module(tape: Tape) -> FoldedTape:
    """The tape with every outermost module behind one card, its parameters with it."""
    modules: dict[str, Fold] = {}
    for part in Partitioner(tape).modules([op.id for op in tape if op.inputs]):
        if isinstance(part, Fold):
            modules |= dict.fromkeys(part.ops, part)
    users: dict[str, list[str]] = {}
    for op in tape:
        for source in op.inputs:
            users.setdefault(source, []).append(op.id)
    within: dict[str, list[str]] = {}
    alone: list[Part] = []
    for op in tape:
        homes = {id_of(modules.get(user, user)) for user in users.get(op.id, ())}
        home = next(iter(homes)) if len(homes) == 1 else ""
        if not op.inputs and op.module and home in modules:
            within.setdefault(home, []).append(op.id)
        elif op.id not in modules:
            alone.append(op.id)
    folds = [
        fold_of(part.kind, part.name, (*within.get(part.id, ()), *part.parts))
        for part in dict.fromkeys(modules.values())
    ]
    return build_folded_tape(tape, [*alone, *folds])


def open_fold(view: FoldedTape, part: Fold, room: GridSize | None = None) -> FoldedTape:
    """The inside of a fold, folded in turn until it fits, with the cards that lead into it."""
    tape = view.full_tape
    inner = set(part.ops)
    border = [
        source
        for op in part.ops
        for source in tape[op].inputs
        if source not in inner and tape[source].op != "constant"
    ]
    border = list(dict.fromkeys(border))
    fitter = GridFitter(tape, room or GridSize())
    inputs = part.kind == "inputs"
    parts = fitter.in_rows(part.ops) if inputs else fitter.fit(part.parts, border)
    return build_folded_tape(tape, parts, border, part.name if part.kind == "module" else "")


def choose_fold(view: FoldedTape, wanted: str = "", backward: int = 1) -> Fold | None:
    """The fold that a film opens: the one called `wanted`, or the one that tells most.

    That is where the pass begins, if that is hidden; else the last pass of a loop or call of a
    module, which backward meets first; else the largest. `wanted="none"` opens nothing.
    """
    folds = [fold for fold in view.folds if fold.kind != "inputs"]
    if wanted == "none" or not folds:
        return None
    if wanted:
        names = {fold.name: fold for fold in folds}
        if wanted not in names:
            raise unknown_name("folded part", wanted, [*names, "none"])
        return names[wanted]
    steps = view.full_tape.backward(backward)
    begins = steps[0].op if steps else ""
    for fold in folds:
        if begins in fold.ops and view.outputs[fold.id] != (begins,):
            return fold
    reached = {step.op for step in view.backward(backward)}
    folds = [fold for fold in folds if fold.id in reached] or folds
    kinds = [Partitioner(view.full_tape).token(fold) for fold in folds]
    alike = [fold for fold, kind in zip(folds, kinds, strict=True) if kinds.count(kind) > 1]
    calls = [fold for fold in folds if fold.kind in ("pass", "module")]
    return [*alike, *calls][-1] if alike or calls else max(folds, key=lambda f: len(f.ops))
