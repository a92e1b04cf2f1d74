"""The norms of the gradients that a backward pass left in `.grad`, leaf by leaf or by module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum, prod, sqrt

from gradreel.tape.quantity import Quantity
from gradreel.tape.records import LeafGrad, Recorded, Summary
from gradreel.tape.tape import Tape


@dataclass(frozen=True, slots=True)
class GradNorm:
    """The `.grad` of one leaf, or of all leaves of a module, whose path is `name`, together.

    `norm` is the Euclidean norm of `numbers` numbers in `tensors` tensors; `shape` is that of a
    single leaf, else None.
    """

    name: str
    tensors: int
    shape: tuple[int, ...] | None
    numbers: Quantity
    norm: Quantity


def grad_norms(tape: Tape, backward: int, most: int) -> list[GradNorm]:
    """All that pass `backward` left in `.grad`, in at most `most` rows, in the order of the tape.

    Leaves of one module share a row where there are more leaves than rows: of the innermost modules
    with which the rows suffice. If those are too many, the last row is for all others.
    """
    rows = [row for row in tape.grads if row.backward == backward and row.after is not None]
    groups = [[row] for row in rows]
    names = [_name(tape, row) for row in rows]
    deepest = max((name.count(".") for name in names), default=0)
    for depth in range(deepest, 0, -1):
        if len(groups) <= most:
            break
        by_path: dict[str, list[LeafGrad]] = {}
        for row, name in zip(rows, names, strict=True):
            by_path.setdefault(".".join(name.split(".")[:depth]), []).append(row)
        groups = list(by_path.values())
    if len(groups) > most:
        groups = [*groups[: most - 1], [row for group in groups[most - 1 :] for row in group]]
    return [_norm(tape, group, backward) for group in groups]


def _norm(tape: Tape, rows: Sequence[LeafGrad], backward: int) -> GradNorm:
    names = [_name(tape, row) for row in rows]
    paths = [name.split(".") for name in names]
    common = ".".join(
        step[0] for step in _leading_equal([*zip(*paths, strict=False)]) if len(rows) > 1
    )
    name = names[0] if len(rows) == 1 else common or "others"
    shape = tape[rows[0].leaf].shape if len(rows) == 1 else None
    count = sum(prod(tape[row.leaf].shape) for row in rows)
    norm = sqrt(fsum(number * number for row in rows for number in _parts(row.after)))
    what = f"{name}.grad" if len(rows) == 1 else f"the .grad of {len(rows)} tensors of {name}"
    return GradNorm(
        name,
        len(rows),
        shape,
        Quantity(float(count), f"numbers in {what}", name),
        Quantity(norm, f"norm of {what} after backward {backward}", name, _complex(tape, rows)),
    )


def _complex(tape: Tape, rows: Sequence[LeafGrad]) -> str:
    """The dtype of a single leaf if that is complex."""
    dtype = tape[rows[0].leaf].dtype
    return dtype if len(rows) == 1 and dtype.startswith("complex") else ""


def _leading_equal(steps: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    for step in steps:
        if len(set(step)) > 1:
            return
        yield step


def _name(tape: Tape, row: LeafGrad) -> str:
    return tape[row.leaf].name or row.leaf


def _parts(value: Recorded | None) -> Iterator[float]:
    """Numbers with the same norm as a tensor: its own, or the norm of its summary."""
    if isinstance(value, Summary):
        yield value.norm
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
    elif value is not None:
        yield value
