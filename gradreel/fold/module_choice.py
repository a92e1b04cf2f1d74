"""Which module of a program a film opens, at any depth.

part, ops = choose_module(view, "h.0.attn")   # the fold to open first, and where to go on to
fold_containing(inside, ops)                  # the next fold on the way there
"""

from __future__ import annotations

from gradreel.errors import unknown_name
from gradreel.fold.fold_types import Fold
from gradreel.fold.folded_tape import FoldedTape


def module_ops(view: FoldedTape, name: str) -> frozenset[str]:
    """The ops of the first call of the module `name`, or of a fold of the view with that name.

    Raises UsageError, with the valid names, for another name.
    """
    tape = view.full_tape
    for fold in view.folds:
        if fold.name == name:
            return frozenset(op for op in fold.ops if tape[op].inputs)
    calls = {call.path: number for number, call in reversed([*enumerate(tape.module_calls, 1)])}
    calls.pop("", None)
    if name not in calls:
        names = [*(f.name for f in view.folds if f.kind != "inputs"), *reversed(calls), "none"]
        raise unknown_name("part", name, list(dict.fromkeys(names)))
    inside = {calls[name]}
    ops: list[str] = []
    for number, call in enumerate(tape.module_calls, 1):
        if number in inside or call.parent in inside:
            inside.add(number)
            ops += call.ops
    return frozenset(ops)


def choose_module(
    view: FoldedTape, name: str = "", backward: int = 1
) -> tuple[Fold | None, frozenset[str]]:
    """The fold that a film opens first, and the ops of the part that it goes on to.

    That is the part called `name`, at any depth, such as h.0.attn; else the last module made of
    modules that the pass reaches, else the last one of several operations. Raises UsageError for
    an unknown name.
    """
    if name == "none":
        return None, frozenset()
    if name:
        ops = module_ops(view, name)
        return fold_containing(view, ops), ops
    reached = {step.op for step in view.backward(backward)}
    folds = [f for f in view.folds if f.id in reached and f.kind != "inputs"]
    modules = [fold for fold in folds if fold.kind == "module"]
    nested = [f for f in modules if any(isinstance(p, Fold) and p.module_class for p in f.parts)]
    for candidates in (nested, modules, folds):
        if candidates:
            chosen = candidates[-1]
            return chosen, frozenset(op for op in chosen.ops if view.full_tape[op].inputs)
    return None, frozenset()


def fold_containing(view: FoldedTape, ops: frozenset[str]) -> Fold | None:
    """The fold that contains all of `ops`, or None."""
    return next((fold for fold in view.folds if ops and ops <= set(fold.ops)), None)


def is_fold_of(view: FoldedTape, fold: Fold, ops: frozenset[str]) -> bool:
    """Whether `ops` are all that a fold computes."""
    return ops == {op for op in fold.ops if view.full_tape[op].inputs}
