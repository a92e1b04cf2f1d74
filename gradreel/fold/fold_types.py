"""The parts of a folded tape: single ops, and folds, which contain ops and other folds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Union

FoldKind = Literal["module", "call", "iteration", "iterations", "line", "sequence", "inputs"]

Part = Union[str, "Fold"]
"""An op, by its id, or a fold."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Some ops of a tape, shown as one card.

    `kind` says what the ops have in common: "module", one call of a module; "call", one call of a
    function as the program wrote it; "iteration", one pass through the body of a loop;
    "iterations", several equal ones in a row; "line", one line of the program; "sequence",
    neighbours without another common trait; "inputs", inputs that are used by the same parts.
    `parts` are what the fold shows when it is opened, in forward order; `ops` are the ids of all
    ops in it. Of a module, `module_class` is its class and `parameters` how many numbers its
    parameters have.
    """

    kind: FoldKind
    name: str
    parts: tuple[Part, ...]
    ops: tuple[str, ...]
    module_class: str = ""
    parameters: int = 0

    @property
    def id(self) -> str:
        """The id of the last op; it is unique among the parts of one folded tape."""
        return self.ops[-1]


def fold_of(kind: FoldKind, name: str, parts: Iterable[Part]) -> Fold:
    """A fold of `parts`, which must be in forward order."""
    parts = tuple(parts)
    return Fold(kind, name, parts, tuple(op for part in parts for op in ops_of(part)))


def with_leaves(fold: Fold, leaves: Sequence[str]) -> Fold:
    """The fold with ops without inputs before its parts."""
    if not leaves:
        return fold
    return replace(fold, parts=(*leaves, *fold.parts), ops=(*leaves, *fold.ops))


def ops_of(part: Part) -> tuple[str, ...]:
    """The ids of the ops in a part, in forward order."""
    return (part,) if isinstance(part, str) else part.ops


def id_of(part: Part) -> str:
    """The id of the op, or of the fold's last op."""
    return part if isinstance(part, str) else part.id


def relative_name(name: str, module: str) -> str:
    """`name` without the path of `module`, of which the last part stays before a number: net.0."""
    if not module:
        return name
    last = module.rpartition(".")[2]
    path = re.compile(rf"(?<![\w.]){re.escape(module)}\.(\d?)")
    return path.sub(lambda match: f"{last}.{match[1]}" if match[1] else "", name)
