"""Generated formulas: recording, evaluation, code and markup against the evaluator `reference`.

The ordinary run tries a small fixed set. `GRADREEL_FUZZ=20000 pytest tests/fuzz` tries as many
random ones in each test.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gradreel.draw.graph.op_card import _call_in_math
from gradreel.errors import ExpressionError, RecordingError, UsageError
from gradreel.expression import parse
from gradreel.functions.code_to_formula import formula_from_code
from gradreel.functions.function import Function
from gradreel.record import record
from gradreel.record.codegen import program_from, source_of
from gradreel.record.program_loader import load_program
from gradreel.scenes.control.detach_comparison_experiment import compare_detach
from gradreel.tape import Tape
from tests.fuzz.reference import FUNCTIONS, Dual, NoValue, Reference
from tests.scenes.run_scene import dry_run, numbers

COUNT = int(os.environ.get("GRADREEL_FUZZ", "0"))
VARIABLES = ("x", "y", "w1")
INPUTS = (-2.5, -1.0, -0.3, 0.4, 0.75, 1.5, 2.0, 3.0)


def examples(count: int):
    """Settings of hypothesis for `count` examples, or for GRADREEL_FUZZ if it is set."""
    return settings(
        max_examples=COUNT or count,
        deadline=None,
        derandomize=not COUNT,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner)
    bare = st.tuples(inner, st.sampled_from([" + ", " - ", "*", "/", "**"]), inner)
    powers = st.tuples(inner, st.sampled_from(["**2", "**-1", "**(-2)", "**3", "**0.5", "**-0.5"]))
    return st.one_of(
        pairs.map(lambda p: f"({p[0]}){p[1]}({p[2]})"),
        bare.map("".join),  # without parentheses, so that precedence decides
        powers.map(lambda p: f"({p[0]}){p[1]}"),
        powers.map("".join),
        inner.map(lambda s: f"-({s})"),
        inner.map(lambda s: f"-{s}"),
        inner.map(lambda s: f"(-{s})"),
        inner.map(lambda s: f"+({s})"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda p: f"{p[0]}({p[1]})"),
    )


CONSTANT = st.sampled_from(["1", "2", "3", "0.5", "7", "1e-3", "2e-7", "0.1", "pi", "e", "10"])


def formulas(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Formulas in which at least one of `names` occurs."""
    constants = st.recursive(CONSTANT, _larger, max_leaves=4)
    leaves = st.one_of(st.sampled_from(names), constants, constants.map(lambda c: f"({c})"))
    nested = st.recursive(leaves, _larger, max_leaves=6)
    # Signed constants and powers of constants next to a variable once lost their parentheses.
    next_to_constant = st.tuples(st.sampled_from(names), st.sampled_from("+-*/"), constants)
    # A third of the formulas are of this short kind, to find such a bug in a few examples.
    short = next_to_constant.map(lambda p: f"{p[0]}{p[1]}({p[2]})")
    return st.integers(0, 2).flatmap(lambda k: short if k == 0 else nested)


@st.composite
def cases(draw: st.DrawFn, max_variables: int = 3) -> tuple[str, dict[str, float], Dual]:
    """A formula, values of its variables, and the result of the reference."""
    names = VARIABLES[: draw(st.integers(1, max_variables))]
    text = draw(formulas(names))
    try:
        used = parse(text, None).variables
    except ExpressionError:
        used = ()
    assume(used)
    at = {name: draw(st.sampled_from(INPUTS)) for name in used}
    try:
        return text, at, Reference(at).evaluate(text)
    except NoValue:
        assume(False)
        raise


def close(actual: float, expected: object, size: object) -> bool:
    tolerance = 1e-9 * max(1.0, float(str(size)) ** 1.5)
    return math.isclose(actual, float(str(expected)), rel_tol=1e-8, abs_tol=tolerance)


def check(value: float, slopes: Mapping[str, float], expected: Dual) -> None:
    assert close(value, expected.value, expected.size), (value, expected.value)
    for (name, slope), exact in zip(slopes.items(), expected.slopes, strict=True):
        assert close(slope, exact, expected.size), (name, slope, exact)


def value_and_slopes(tape: Tape) -> tuple[float, dict[str, float]]:
    """The result of a recording and the gradient of each input."""
    grads = {name: tape.grad(name) for name in tape.inputs}
    slopes = {name: 0.0 if grad is None else float(grad) for name, grad in grads.items()}
    return float(tape.value(tape.backward()[0].op)), slopes


@examples(30)
@given(cases())
def test_recorded_and_evaluated_values_and_slopes(case) -> None:
    text, at, expected = case
    loaded = load_program(text, at)
    check(*value_and_slopes(loaded.record()), expected)
    evaluation = Function.parse(text, tuple(at)).evaluate(*at.values())
    slopes = dict(zip(at, map(float, evaluation.partials), strict=True))
    check(float(evaluation.value), slopes, expected)


@examples(20)
@given(cases())
def test_the_typst_markup_has_the_value_of_the_formula(case) -> None:
    text, at, expected = case
    markup = _without_subscripts(parse(text, None).typst())
    drawn = Reference(at).evaluate_markup(markup)
    check(float(drawn.value), dict(zip(at, map(float, drawn.slopes), strict=True)), expected)


def _without_subscripts(markup: str) -> str:
    return markup.replace("w_1", "w1")


@examples(25)
@given(cases(1))
def test_the_markup_on_each_card_of_a_graph_has_the_recorded_value(case) -> None:
    text, at, _ = case
    tape = load_program(text, at).record()
    for op in tape:
        markup = _call_in_math(op) if op.inputs else None
        if markup is None or "…" in op.call or op.value is None:
            continue
        inputs = {name: float(tape[name].value) for name in op.inputs if name.isidentifier()}
        try:
            drawn = Reference(inputs).evaluate_markup(_without_subscripts(markup))
        except NoValue:
            continue
        assert close(float(op.value), drawn.value, drawn.size), (op.call, markup)


@examples(18)
@given(cases(1))
def test_the_links_of_a_formula_compose_to_its_value_and_slope(case) -> None:
    text, at, expected = case
    (name, x), *_ = at.items()
    f = Function.parse(text, (name,))
    chain = f.chain(x)
    value, slope = x, 1.0
    for link in f.expression.links():
        (variable,) = link.variables
        try:
            result = Reference({variable: value}).evaluate(link.text)
        except NoValue:
            return
        value, slope = float(result.value), slope * float(result.slopes[0])
    check(value, {name: slope}, expected)
    check(float(chain.links[-1].output), {name: float(chain.slope)}, expected)
    check(*value_and_slopes(f.chain_tape(x)), expected)


@examples(20)
@given(cases(1))
def test_code_generated_from_a_formula_converts_back_to_it(tmp_path_factory, case) -> None:
    text, at, expected = case
    (name, x), *_ = at.items()
    path = tmp_path_factory.mktemp("code") / "mine.py"
    path.write_text(f"import math\nimport torch\n\n{source_of(parse(text, (name,)))}")
    check(*value_and_slopes(load_program(f"{path}:program", {name: str(x)}).record()), expected)
    try:
        formula = formula_from_code(f"{path}:program", x)
    except (UsageError, RecordingError):
        return  # the domain of the formula ends nearby; rejected with a message
    point = formula.point_at(x)
    check(float(point.value), {name: float(point.slope)}, expected)
    try:
        drawn = Reference({"x": x}).evaluate_markup(formula.typst())
    except NoValue:
        return  # a constant, rounded to float64, is just beyond a limit of the reference
    check(float(drawn.value), {name: float(drawn.slopes[0])}, expected)


@examples(80)
@given(st.recursive(st.one_of(CONSTANT, st.just("0"), st.just("x")), _larger, max_leaves=6))
def test_any_formula_is_recorded_or_rejected_with_a_message_of_our_own(text: str) -> None:
    try:
        tape = load_program(text, {"x": 2.0} if "x" in parse(text, None).variables else {}).record()
    except (UsageError, RecordingError) as error:
        assert not any(name in str(error) for name in ("NameError", "DivisionError", "TypeError"))
    else:
        assert tape.ops


LOST_PARENTHESES = [
    ("x*((-2)**2)", 8, 4),
    ("x*(-(2-3))", 2, 1),
    ("x+(-(1+2))", -1, 1),
    ("x*(2-(-(3-1)))", 8, 4),
]


@pytest.mark.parametrize(("text", "value", "slope"), LOST_PARENTHESES)
def test_signed_constants_and_powers_of_constants_keep_their_parentheses(
    text: str, value: float, slope: float
) -> None:
    scene = dry_run("BackwardFlow", program=text, inputs="x=2")
    assert numbers(scene, "z") == [value] * len(numbers(scene, "z")) != []
    assert numbers(scene, "gradient at x")[-1] == slope
    comparison = compare_detach(Function.parse(text), 2.0, 100.0)
    assert [r.value for r in (comparison.tracked, comparison.untracked, comparison.detached)] == [
        value
    ] * 3
    assert comparison.tracked.through == 2 * slope
    drawn = Reference({"x": 2.0}).evaluate_markup(parse(text).typst())
    assert (drawn.value, drawn.slopes) == (value, (slope,))


def test_cutting_the_graph_shows_the_value_of_the_formula() -> None:
    scene = dry_run("CuttingTheGraph", function="x*((-2)**2)")
    assert set(numbers(scene, "value of y")) == {12.0}


@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("log(-1)*x", math.nan, math.nan),
        ("x*(1/0)", math.inf, math.inf),
        ("x*(-1/0)", -math.inf, -math.inf),
        ("x*(-8)**0.5", math.nan, math.nan),
        ("x*(0/0)", math.nan, math.nan),
        ("x*log(0)", -math.inf, -math.inf),
    ],
)
def test_constants_without_a_finite_value_are_inf_or_nan(text, value, slope) -> None:
    actual, slopes = value_and_slopes(load_program(text, {"x": 2.0}).record())
    assert repr((actual, slopes["x"])) == repr((value, slope))
    scene = dry_run("BackwardFlow", program=text, inputs="x=2")
    assert repr(numbers(scene, "gradient at x")[-1]) == repr(slope)


@pytest.mark.parametrize("text", ["torch*2", "torch*sin(x)", "math*pi", "x + math"])
def test_a_variable_cannot_have_the_name_of_a_library(text: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be the name of a variable"):
        load_program(text, {}, defaults={"x": 2.0, "torch": 1.0, "math": 1.0})


def test_an_input_cannot_be_named_backward(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def f(backward): return backward**2\n")
    for program in ("backward*2", f"{path}:f"):
        with pytest.raises(UsageError, match="backward"):
            load_program(program, {"backward": "2"})


def test_an_exponent_without_a_value_is_rejected() -> None:
    for text in ("x**sin((-8)**0.5)", "x**relu((-8)**0.5)"):
        with pytest.raises(ExpressionError, match="has no value"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("(-2)**2*x", "(-2)^2 x"),
        ("x - -2", "x - (-2)"),
        ("(2e-7)**2*x", "(2 dot 10^(-7))^2 x"),
        ("(-x)**2", "(-x)^2"),
    ],
)
def test_parentheses_in_the_markup(text: str, markup: str) -> None:
    assert parse(text).typst() == markup


def test_the_source_of_a_generated_program_computes_what_it_computes() -> None:
    formula = parse("x*(-2)**2 - -(1 - 3)", ("x",))
    program = program_from(formula)
    names: dict[str, object] = {}
    exec(source_of(formula), names)  # noqa: S102
    tape = record(program, x=2.0)
    assert record(names["program"], x=2.0)["z"].value == tape["z"].value == 6.0
