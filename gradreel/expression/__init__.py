"""Formulas that a lecturer types: read safely, typeset, and taken apart into links.

    parse("(3*x + 1)**2").typst()                          # "(3 x + 1)^2"
    [link.text for link in parse("sin(exp(x))").links()]   # ["exp(x)", "sin(u)"]

Nothing of the text is ever run. It is parsed into a tree that may hold numbers, names,
+ - * / ** and the functions in `FUNCTIONS`; whatever else it asks for is refused by name.
"""

from gradreel.expression.builtins import CONSTANTS, FUNCTIONS
from gradreel.expression.expression import Expression
from gradreel.expression.parser import parse

__all__ = ["CONSTANTS", "FUNCTIONS", "Expression", "parse"]
