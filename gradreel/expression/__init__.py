"""Formulas that a lecturer types: read safely, typeset, and taken apart into links.

    parse("(3*x + 1)**2").typst()                          # "(3 x + 1)^2"
    [link.text for link in parse("sin(exp(x))").links()]   # ["exp(x)", "sin(u)"]

Nothing of the text is ever run. It is parsed into a tree that may hold numbers, names,
+ - * / ** and the functions in `FUNCTIONS`; whatever else it asks for is refused by name.
"""

from gradreel.expression.formula import Expression
from gradreel.expression.reading import parse
from gradreel.expression.vocabulary import CONSTANTS, FUNCTIONS

__all__ = ["CONSTANTS", "FUNCTIONS", "Expression", "parse"]
