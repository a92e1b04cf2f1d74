"""Conversion of PyTorch code to a formula, so that it can be decomposed into links.

    formula_from_code("model.py:squash", 2.0).text      "sqrt(exp(-(3*x + 1)**2/4) + 1)"

The code is recorded once and its result is written out from the recording. The formula is right
elsewhere only if the code takes the same steps there, so both are compared at points nearby.
"""

from __future__ import annotations

import math
import re

from gradreel.errors import ExpressionError, RecordingError, UsageError
from gradreel.expression import FUNCTIONS
from gradreel.functions.function import Function
from gradreel.functions.user_functions import UserCallable, load_function
from gradreel.record import record
from gradreel.tape import Op, Tape

TORCH_CALLS = {"reciprocal": "1 / ({})", "square": "({}) ** 2"}  # as formulas of their argument
MAX_LENGTH = 2000  # characters of a formula; repeated squaring doubles it at each step
OFFSETS = (0.0, -1.0, -0.01, 0.01, 1.0)  # distances from x at which formula and code are compared


def formula_from_code(text: str, x: float, label: str = "f") -> Function:
    """The function of x that `text` names, as a formula; code is recorded at the given `x`.

    Raises what `load_function` raises, and UsageError for code that cannot be written as a formula
    of one number or that differs from its formula at points nearby.
    """
    code = load_function(text, label=label)
    if not isinstance(code.fn, UserCallable):
        return code
    code.point_at(x)  # Raises a precise error for code that is not a function of one number.
    program = code.fn.program
    tape = record(lambda x: program(x), x=x)  # The code's own parameter may have any name.
    try:
        formula = Function.parse(_write_formula(tape), ("x",), label)
    except ExpressionError as error:
        raise _not_decomposable(text, code.text, error.what) from None
    for offset in OFFSETS:
        if not _agree(code, formula, x + offset):
            raise UsageError(
                f"{code.text} takes other steps or numbers at x = {x + offset:g} than when"
                f" recorded at x = {x:g}.",
                where=text,
                hint="A chain is one formula for every x: use a function without branches and"
                " without random numbers.",
            )
    return formula


def _write_formula(tape: Tape) -> str:
    """The result as a formula in x; raises ExpressionError for an op without an equivalent."""
    formulas: dict[str, str] = {}
    for op in tape:
        formulas[op.id] = _call_formula(op, formulas) if op.inputs else _leaf_formula(op)
    return formulas[tape.backward()[0].op]


def _leaf_formula(op: Op) -> str:
    if op.requires_grad:
        return "x"
    if op.op not in ("leaf", "constant") or not isinstance(op.value, float):
        raise ExpressionError(f"{op.call or op.id} is not a constant number")
    return repr(op.value).removesuffix(".0")


def _call_formula(op: Op, formulas: dict[str, str]) -> str:
    name = op.call.partition("(")[0].rstrip("_")
    if isinstance(op.value, tuple):
        raise ExpressionError(f"{op.call} is a tensor, not a number")
    if name in TORCH_CALLS:
        return TORCH_CALLS[name].format(formulas[op.inputs[0]])
    if name.isidentifier() and op.call.endswith(")") and name not in FUNCTIONS:
        raise ExpressionError(f"{name} is not a function that formulas have")
    call = _source_order(op.call.replace(f"{name}_(", f"{name}(", 1))
    # A call shows the source code, of which torch may make two ops: 1 / u is a reciprocal and a
    # product. Its constants are rounded, and lack the suffix that makes ids of equal ones unique.
    names = {id: text for id, text in formulas.items() if id[:1].isalpha() or id.startswith("_")}
    names |= {id.partition("@")[0]: formulas[id] for id in op.inputs if id not in names}
    # Where u + (-1) was rewritten to u - 1, the constant appears without its sign.
    names |= {id[1:]: names[id][1:] for id in list(names) if id.startswith("-")}
    pattern = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    text = re.sub(
        rf"(?<![\w@.])(?:{pattern})(?![\w@(.])", lambda match: f"({names[match.group()]})", call
    )
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"written out, it has more than {MAX_LENGTH} characters")
    return text


def _source_order(call: str) -> str:
    """`u * 3` as 3 * u and `u + (-1)` as u - 1: autograd puts the tensor first."""
    product = re.fullmatch(r"(\w\S*) \* (\d\S*)", call)
    if product:
        return f"{product[2]} * {product[1]}"
    return re.sub(r" \+ \(-(\d\S*)\)$", r" - \1", call)


def _not_decomposable(where: str, title: str, reason: str) -> UsageError:
    names = ", ".join(sorted({*FUNCTIONS, *TORCH_CALLS}))
    return UsageError(
        f"{title} cannot be taken apart into links: {reason.rstrip('.')}.",
        where=where,
        hint=f"A chain takes one number through + - * / ** and {names}. BackwardFlow shows"
        " any program.",
    )


def _agree(code: Function, formula: Function, x: float) -> bool:
    try:
        one, other = code.point_at(x), formula.point_at(x)
    except RecordingError:
        return False
    pairs = ((one.value, other.value), (one.slope, other.slope))
    return all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))
        for a, b in pairs
    )
