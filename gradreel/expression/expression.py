"""The Expression: a formula that was read, and what can be made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradreel.expression.links import cut
from gradreel.expression.tree import Node, names_in, python
from gradreel.expression.typeset import typst


@dataclass(frozen=True)
class Expression:
    """A formula: `text` as typed, `variables` it is a function of, `tree` for who walks it."""

    text: str
    variables: tuple[str, ...]
    tree: Node

    def __str__(self) -> str:
        return self.text

    @property
    def used(self) -> tuple[str, ...]:
        """The variables that really occur, in the order of `variables`."""
        return tuple(name for name in self.variables if name in names_in(self.tree))

    def typst(self, names: Mapping[str, str] | None = None) -> str:
        """The formula as Typst math; `names` gives the markup of variables ({"x": "x_0"})."""
        return typst(self.tree, names)

    def python(self, words: Mapping[str, str] | None = None) -> str:
        """The formula as Python; `words` renames functions ({"sin": "torch.sin"})."""
        return python(self.tree, words)

    def links(self) -> tuple[Expression, ...]:
        """The formula as a chain of functions of one variable, innermost first.

        (3*x + 1)**2 gives 3*x + 1 in x, then u**2 in u. A sum or product in which the variable is
        used on both sides stays one link. Raises ExpressionError unless exactly one variable is
        used.
        """
        found = cut(self.text, self.tree, self.used)
        return tuple(Expression(python(tree), (name,), tree) for name, tree in found)
