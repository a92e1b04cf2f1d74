"""Generated formulas, by every way from text to numbers and to the picture, against `reference`.

A bounded number runs with the other tests; `GRADREEL_FUZZ=20000 pytest tests/fuzz` runs more.
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
from tests.scenes.run_scene import numbers, rehearse

COUNT = int(os.environ.get("GRADREEL_FUZZ", "0"))
VARIABLES = ("x", "y", "w1")
PLACES = (-2.5, -1.0, -0.3, 0.4, 0.75, 1.5, 2.0, 3.0)


def generated(count: int):
    return settings(
        max_examples=COUNT or count,
        deadline=None,
        derandomize=not COUNT,  # the same formulas in every ordinary run
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner)
    bare = st.tuples(inner, st.sampled_from([" + ", " - ", "*", "/", "**"]), inner)
    powers = st.tuples(inner, st.sampled_from(["**2", "**-1", "**(-2)", "**3", "**0.5", "**-0.5"]))
    return st.one_of(
        pairs.map(lambda p: f"({p[0]}){p[1]}({p[2]})"),
        bare.map("".join),  # as Python takes it, whatever that is
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
    found = st.recursive(leaves, _larger, max_leaves=6)
    # Signs and powers of constants beside a variable are what once went wrong.
    beside = st.tuples(st.sampled_from(names), st.sampled_from("+-*/"), constants)
    return st.one_of(found, beside.map(lambda p: f"{p[0]}{p[1]}({p[2]})"))


@st.composite
def cases(draw: st.DrawFn, most: int = 3) -> tuple[str, dict[str, float], Dual]:
    """A formula, where to evaluate it, and what comes out by the reference."""
    names = VARIABLES[: draw(st.integers(1, most))]
    text = draw(formulas(names))
    try:
        used = parse(text, None).variables
    except ExpressionError:
        used = ()
    assume(used)
    at = {name: draw(st.sampled_from(PLACES)) for name in used}
    try:
        return text, at, Reference(at).of(text)
    except NoValue:
        assume(False)
        raise


def close(found: float, right: object, size: object) -> bool:
    room = 1e-9 * max(1.0, float(str(size)) ** 1.5)
    return math.isclose(found, float(str(right)), rel_tol=1e-8, abs_tol=room)


def check(found: float, slopes: Mapping[str, float], right: Dual) -> None:
    assert close(found, right.value, right.size), (found, right.value)
    for (name, slope), true in zip(slopes.items(), right.slopes, strict=True):
        assert close(slope, true, right.size), (name, slope, true)


def result(tape: Tape) -> tuple[float, dict[str, float]]:
    """The value that a recording ends with, and the gradient of each input."""
    grads = {name: tape.grad(name) for name in tape.inputs}
    slopes = {name: 0.0 if grad is None else float(grad) for name, grad in grads.items()}
    return float(tape.value(tape.backward()[0].op)), slopes


@generated(60)
@given(cases())
def test_values_and_slopes(case) -> None:
    text, at, right = case
    loaded = load_program(text, at)
    check(*result(loaded.record()), right)
    place = Function.parse(text, tuple(at)).evaluate(*at.values())
    slopes = dict(zip(at, map(float, place.partials), strict=True))
    check(float(place.value), slopes, right)


@generated(100)
@given(cases())
def test_what_is_drawn_reads_the_same(case) -> None:
    text, at, right = case
    drawn = Reference({name: at[name] for name in at}).of_markup(_plain(parse(text, None).typst()))
    check(float(drawn.value), dict(zip(at, map(float, drawn.slopes), strict=True)), right)


def _plain(markup: str) -> str:
    return markup.replace("w_1", "w1")


@generated(25)
@given(cases(1))
def test_each_op_of_a_graph_is_drawn_as_it_was_computed(case) -> None:
    text, at, _ = case
    tape = load_program(text, at).record()
    for op in tape:
        markup = _call_in_math(op) if op.inputs else None
        if markup is None or "…" in op.call or op.value is None:
            continue
        known = {name: float(tape[name].value) for name in op.inputs if name.isidentifier()}
        try:
            drawn = Reference(known).of_markup(_plain(markup))
        except NoValue:
            continue
        assert close(float(op.value), drawn.value, drawn.size), (op.call, markup)


@generated(35)
@given(cases(1))
def test_links_one_after_the_other(case) -> None:
    text, at, right = case
    (name, x), *_ = at.items()
    f = Function.parse(text, (name,))
    chain = f.chain(x)
    value, slope = x, 1.0
    for link in f.expression.links():  # the text of each link, as a reader would take it
        (inside,) = link.variables
        try:
            one = Reference({inside: value}).of(link.text)
        except NoValue:
            return
        value, slope = float(one.value), slope * float(one.slopes[0])
    check(value, {name: slope}, right)
    check(float(chain.links[-1].output), {name: float(chain.slope)}, right)
    check(*result(f.chain_tape(x)), right)


@generated(20)
@given(cases(1))
def test_code_written_from_a_formula_and_read_back(tmp_path_factory, case) -> None:
    text, at, right = case
    (name, x), *_ = at.items()
    path = tmp_path_factory.mktemp("code") / "mine.py"
    path.write_text(f"import math\nimport torch\n\n{source_of(parse(text, (name,)))}")
    check(*result(load_program(f"{path}:program", {name: str(x)}).record()), right)
    try:
        formula = formula_from_code(f"{path}:program", x)
    except (UsageError, RecordingError):
        return  # outside its domain near by; said in words
    point = formula.point_at(x)
    check(float(point.value), {name: float(point.slope)}, right)
    drawn = Reference({"x": x}).of_markup(formula.typst())
    check(float(drawn.value), {name: float(drawn.slopes[0])}, right)


@generated(80)
@given(st.recursive(st.one_of(CONSTANT, st.just("0"), st.just("x")), _larger, max_leaves=6))
def test_whatever_is_typed_gives_numbers_or_a_plain_refusal(text: str) -> None:
    try:
        tape = load_program(text, {"x": 2.0} if "x" in parse(text, None).variables else {}).record()
    except (UsageError, RecordingError) as error:
        assert not any(raw in str(error) for raw in ("NameError", "DivisionError", "TypeError"))
    else:
        assert tape.ops


WRONG_ONCE = [
    ("x*((-2)**2)", 8, 4),
    ("x*(-(2-3))", 2, 1),
    ("x+(-(1+2))", -1, 1),
    ("x*(2-(-(3-1)))", 8, 4),
]


@pytest.mark.parametrize(("text", "value", "slope"), WRONG_ONCE)
def test_what_was_wrong_once(text: str, value: float, slope: float) -> None:
    scene = rehearse("BackwardFlow", program=text, inputs="x=2")
    assert numbers(scene, "z") == [value] * len(numbers(scene, "z")) != []
    assert numbers(scene, "gradient at x")[-1] == slope
    found = compare_detach(Function.parse(text), 2.0, 100.0)
    assert [r.value for r in (found.tracked, found.untracked, found.detached)] == [value] * 3
    assert found.tracked.through == 2 * slope
    drawn = Reference({"x": 2.0}).of_markup(parse(text).typst())
    assert (drawn.value, drawn.slopes) == (value, (slope,))


def test_cutting_the_graph_shows_the_right_number() -> None:
    scene = rehearse("CuttingTheGraph", function="x*((-2)**2)")
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
def test_constants_without_a_value_are_what_tensors_make_of_them(text, value, slope) -> None:
    found, slopes = result(load_program(text, {"x": 2.0}).record())
    assert repr((found, slopes["x"])) == repr((value, slope))
    scene = rehearse("BackwardFlow", program=text, inputs="x=2")
    assert repr(numbers(scene, "gradient at x")[-1]) == repr(slope)


@pytest.mark.parametrize("text", ["torch*2", "torch*sin(x)", "math*pi", "x + math"])
def test_a_variable_cannot_be_called_like_a_library(text: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be the name of a variable"):
        load_program(text, {}, defaults={"x": 2.0, "torch": 1.0, "math": 1.0})


def test_an_input_cannot_be_called_backward(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def f(backward): return backward**2\n")
    for program in ("backward*2", f"{path}:f"):
        with pytest.raises(UsageError, match="backward"):
            load_program(program, {"backward": "2"})


def test_an_exponent_that_plain_python_cannot_reckon_is_refused() -> None:
    for text in ("x**sin((-8)**0.5)", "x**relu((-8)**0.5)"):
        with pytest.raises(ExpressionError, match="has no value"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("(-2)**2*x", "(-2)^2 x"),
        ("x - -2", "x - (-2)"),
        ("(2e-7)**2*x", "(2 dot 10^(-7))^2 x"),
        ("(-x)**2", "(-x)^2"),
    ],
)
def test_parentheses_on_screen(text: str, drawn: str) -> None:
    assert parse(text).typst() == drawn


def test_the_text_of_a_program_is_what_runs() -> None:
    formula = parse("x*(-2)**2 - -(1 - 3)", ("x",))
    program = program_from(formula)
    names: dict[str, object] = {}
    exec(source_of(formula), names)  # noqa: S102
    right = record(program, x=2.0)
    assert record(names["program"], x=2.0)["z"].value == right["z"].value == 6.0
