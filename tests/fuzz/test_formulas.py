"""Generated formulas: recording, evaluation, code and markup against the evaluator `reference`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given
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
from tests.fuzz.generated import examples
from tests.fuzz.reference import FUNCTIONS, Dual, NoValue, Reference
from tests.scenes.run_scene import dry_run, numbers

VARIABLES = ("x", "y", "w1")
INPUTS = (-2.5, -1.0, -0.3, 0.4, 0.75, 1.5, 2.0, 3.0)


CONSTANTS = ("1", "2", "3", "0.5", "7", "1e-3", "2e-7", "0.1", "pi", "e", "10")
POWERS = ("**2", "**-1", "**(-2)", "**3", "**0.5", "**-0.5")
NAMES = tuple(sorted(FUNCTIONS))
_BELOW = [st.integers(0, count - 1) for count in range(1, 20)]


class _Writer:
    """Writes random formulas, by plain choices: nested strategies take ten times as long."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def below(self, count: int) -> int:
        return self._draw(_BELOW[count - 1])

    def one_of(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]

    def formula(self, names: Sequence[str], size: int) -> str:
        """A formula of up to `size` leaves, each one of `names` or a formula of constants."""
        if size <= 1:
            return self.leaf(names)
        kind = self.below(9)
        if kind < 2:
            left = self.below(size - 1) + 1
            parts = self.formula(names, left), self.formula(names, size - left)
            if kind == 0:
                return f"({parts[0]}){self.one_of(('+', '-', '*', '/', '**'))}({parts[1]})"
            # without parentheses, so that precedence decides
            return self.one_of((" + ", " - ", "*", "/", "**")).join(parts)
        inner = self.formula(names, size - 1)
        shapes = ("({}){}", "{}{}", "-({})", "-{}", "(-{})", "+({})", "{1}({0})")
        extra = self.one_of(NAMES) if kind == 8 else self.one_of(POWERS) if kind < 4 else ""
        return shapes[kind - 2].format(inner, extra)

    def leaf(self, names: Sequence[str]) -> str:
        kind = self.below(4) if names else 3
        if kind < 2:
            return self.one_of(names)
        constant = self.one_of(CONSTANTS) if not names else self.formula((), self.below(4) + 1)
        return f"({constant})" if kind == 2 else constant

    def short(self, names: Sequence[str]) -> str:
        """A variable and constants: signed constants and powers once lost their parentheses."""
        return f"{self.one_of(names)}{self.one_of('+-*/')}({self.formula((), self.below(4) + 1)})"


@st.composite
def formulas(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    """A formula of `names`; a third are short, to find lost parentheses in a few examples."""
    writer = _Writer(draw)
    if names and writer.below(3) == 0:
        return writer.short(names)
    return writer.formula(names, writer.below(6) + 1)


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
    try:
        drawn = Reference(at).evaluate_markup(markup)
    except NoValue:
        return  # a constant, written in another way, is just beyond a limit of the reference
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
@given(formulas(("x", "x", "0", "1")))
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
    assert value_and_slopes(load_program(text, {"x": "2"}).record()) == (value, {"x": slope})
    comparison = compare_detach(Function.parse(text), 2.0, 100.0)
    assert [r.value for r in (comparison.tracked, comparison.untracked, comparison.detached)] == [
        value
    ] * 3
    assert comparison.tracked.through == 2 * slope
    drawn = Reference({"x": 2.0}).evaluate_markup(parse(text).typst())
    assert (drawn.value, drawn.slopes) == (value, (slope,))


def test_a_scene_shows_the_value_of_the_formula() -> None:
    scene = dry_run("BackwardFlow", program="x*((-2)**2)", inputs="x=2")
    assert set(numbers(scene, "z")) == {8.0}
    assert numbers(scene, "gradient at x")[-1] == 4.0
    comparison = compare_detach(Function.parse("x*((-2)**2)"), 3.0, 100.0)
    assert comparison.tracked.value == 12.0  # what CuttingTheGraph shows


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


def test_a_scene_shows_a_slope_that_is_not_finite() -> None:
    scene = dry_run("BackwardFlow", program="x*(-1/0)", inputs="x=2")
    assert numbers(scene, "gradient at x")[-1] == -math.inf


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
