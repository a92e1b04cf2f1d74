"""PyTorch code written down as a formula, so that it can be taken apart into links.

    formula_named("model.py:squash", 2.0).text      "sqrt(exp(-(3*x + 1)**2/4) + 1)"

The code is recorded once and its result spelled out from the recording. That is the function only
if the code takes the same steps elsewhere, so formula and code must agree near by as well.
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

SPELT = {"reciprocal": "1 / ({})", "square": "({}) ** 2"}  # one step of torch's, one of a formula's
LONGEST = 2000  # characters of a formula; one that squares itself doubles at each step
AROUND = (0.0, -1.0, -0.01, 0.01, 1.0)  # where formula and code are compared, from the place on


def formula_from_code(text: str, place: float, label: str = "f") -> Function:
    """The function of x that `text` names, as a formula. Code is run with x = `place`.

    Raises as `function_named` does; and UsageError for code that is no formula of one number, or
    another one at other places.
    """
    code = load_function(text, label=label)
    if not isinstance(code.fn, UserCallable):
        return code
    code.point_at(place)  # Says what is wrong with code that is no function of one number at all.
    program = code.fn.program
    tape = record(lambda x: program(x), x=place)  # The code may call its input what it likes.
    try:
        formula = Function.parse(_spelled(tape), ("x",), label)
    except ExpressionError as error:
        raise _no_chain(text, code.text, error.what) from None
    for distance in AROUND:
        if not _agree(code, formula, place + distance):
            raise UsageError(
                f"{code.text} takes other steps or numbers at x = {place + distance:g} than when"
                f" recorded at x = {place:g}.",
                where=text,
                hint="A chain is one formula for every x: take a function without branches, and"
                " without chance.",
            )
    return formula


def _spelled(tape: Tape) -> str:
    """The formula of the result in x; ExpressionError names a step without a word in formulas."""
    spelled: dict[str, str] = {}
    for op in tape:
        spelled[op.id] = _step(op, spelled) if op.inputs else _given(op)
    return spelled[tape.backward()[0].op]


def _given(op: Op) -> str:
    if op.requires_grad:
        return "x"
    if op.op not in ("leaf", "constant") or not isinstance(op.value, float):
        raise ExpressionError(f"{op.call or op.id} is no number that stays the same")
    return repr(op.value).removesuffix(".0")


def _step(op: Op, spelled: dict[str, str]) -> str:
    name = op.call.partition("(")[0].rstrip("_")
    if isinstance(op.value, tuple):
        raise ExpressionError(f"{op.call} is a tensor, not a number")
    if name in SPELT:
        return SPELT[name].format(spelled[op.inputs[0]])
    if name.isidentifier() and op.call.endswith(")") and name not in FUNCTIONS:
        raise ExpressionError(f"{name} is no word of formulas")
    call = _as_written(op.call.replace(f"{name}_(", f"{name}(", 1))
    # A call says what was written; torch may make two ops of it, 1 / u a reciprocal and a product.
    # Constants stand there without the number that tells equal ones apart, and are rounded.
    names = {id: text for id, text in spelled.items() if id[:1].isalpha() or id.startswith("_")}
    names |= {id.partition("@")[0]: spelled[id] for id in op.inputs if id not in names}
    # Of u + (-1), made u - 1, the 1 is left.
    names |= {id[1:]: names[id][1:] for id in list(names) if id.startswith("-")}
    words = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    text = re.sub(
        rf"(?<![\w@.])(?:{words})(?![\w@(.])", lambda found: f"({names[found.group()]})", call
    )
    if len(text) > LONGEST:
        raise ExpressionError(f"written out, it has more than {LONGEST} characters")
    return text


def _as_written(call: str) -> str:
    """`u * 3` as 3 * u and `u + (-1)` as u - 1: autograd keeps the tensor in front."""
    product = re.fullmatch(r"(\w\S*) \* (\d\S*)", call)
    if product:
        return f"{product[2]} * {product[1]}"
    return re.sub(r" \+ \(-(\d\S*)\)$", r" - \1", call)


def _no_chain(where: str, title: str, why: str) -> UsageError:
    words = ", ".join(sorted({*FUNCTIONS, *SPELT}))
    return UsageError(
        f"{title} cannot be taken apart into links: {why.rstrip('.')}.",
        where=where,
        hint=f"A chain takes one number through + - * / ** and {words}. BackwardFlow shows"
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
