"""Arithmetic formulas as text: a safe parser, an evaluator, a Typst printer and a decomposition.

    parse("(3*x + 1)**2").typst()                          # "(3 x + 1)^2"
    [link.text for link in parse("sin(exp(x))").links()]   # ["exp(x)", "sin(u)"]

The text is never executed. It is parsed into a syntax tree that may hold numbers, names,
+ - * / ** and the functions in `FUNCTIONS`; everything else raises ExpressionError.
"""

from gradreel.expression.builtins import CONSTANTS, FUNCTIONS
from gradreel.expression.expression import Expression
from gradreel.expression.parser import parse

__all__ = ["CONSTANTS", "FUNCTIONS", "Expression", "parse"]
