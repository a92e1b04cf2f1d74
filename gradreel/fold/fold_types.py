"""What a folded graph is made of: single ops, and folds that hold ops and other folds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Union

from gradreel.tape import Quantity

Kind = Literal["module", "pass", "passes", "line", "chain", "inputs"]

Part = Union[str, "Fold"]
"""An op, by its id, or a fold."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Some ops of a tape behind one card.

    `kind` says why they belong together: a module's call, one pass of a loop, several passes alike,
    one line of the program, a stretch of the program, or inputs that go the same ways. `parts` are
    what one sees when it is opened, in forward order; `ops` are the ids of all ops in it.
    """

    kind: Kind
    name: str
    parts: tuple[Part, ...]
    ops: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of its last op; no other part beside it can have the same."""
        return self.ops[-1]

    @property
    def count(self) -> Quantity:
        """How many operations it holds."""
        return Quantity(float(len(self.ops)), f"operations recorded in {self.name}", self.name)


def fold_of(kind: Kind, name: str, parts: Iterable[Part]) -> Fold:
    """A fold of these parts, which must be in forward order."""
    parts = tuple(parts)
    return Fold(kind, name, parts, tuple(op for part in parts for op in ops_of(part)))


def ops_of(part: Part) -> tuple[str, ...]:
    """The ids of the ops in a part, in forward order."""
    return (part,) if isinstance(part, str) else part.ops


def id_of(part: Part) -> str:
    """A part's id: the op's, or that of the fold's last op."""
    return part if isinstance(part, str) else part.id
