"""Generated texts of inputs: the value that Python gives, or one error of our own, at once."""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from gradreel.errors import RecordingError, UsageError
from gradreel.record import record
from gradreel.record.input_parser import WORDS, parse_input, split_inputs
from gradreel.record.input_specs import InputSpec
from gradreel.record.program_loader import load_program
from tests.fuzz.generated import examples, no_hang

NUMBERS = st.sampled_from(
    ["0", "1", "2", "-3", "0.5", "1e-3", "1e308", "10**20", "7", "pi", "e", "inf", "nan", "2**63"]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", " - ", " * "])
    return st.one_of(
        st.tuples(inner, operators, inner).map("".join),
        st.tuples(inner, operators, inner).map(lambda p: f"({p[0]}){p[1]}({p[2]})"),
        inner.map(lambda text: f"-{text}"),
        inner.map(lambda text: f"({text})"),
    )


ARITHMETIC = st.recursive(NUMBERS, _larger, max_leaves=5)
VALUES = st.one_of(
    ARITHMETIC,
    st.sampled_from(["True", "False", "None", "'a, b=2'", '"θ"', "[]", "{}"]),
    st.lists(ARITHMETIC, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
)


def parse(text: str) -> Any:
    return parse_input(text, "x", torch.Generator().manual_seed(0))


@examples(60)
@given(ARITHMETIC)
def test_arithmetic_has_the_value_that_python_gives(text: str) -> None:
    if re.search(r"\d{2,}\)*\*\*|\*\*.*\*\*", text):
        return  # Python would compute a number of millions of digits
    try:
        expected = eval(text, {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan})
    except (ZeroDivisionError, OverflowError):
        expected = None
    try:
        with no_hang():
            value = parse(text)
    except UsageError:
        too_large = isinstance(expected, int) and abs(expected) >= 2**1023
        assert expected is None or isinstance(expected, complex) or too_large
    else:
        assert repr(value) == repr(expected) and type(value) is type(expected)


WHOLE = st.sampled_from(["0", "1", "3", "-2", "5", "2**63", "10**9", "2.5", "True", "[1]", "nan"])
CALLS = st.tuples(st.sampled_from(WORDS), st.lists(WHOLE, max_size=4)).map(
    lambda call: f"{call[0]}({', '.join(call[1])})"
)
ANYTHING = st.one_of(
    VALUES,
    CALLS,
    st.tuples(st.sampled_from(WORDS), st.one_of(VALUES, CALLS)).map(lambda c: f"{c[0]}({c[1]})"),
    st.lists(st.one_of(VALUES, CALLS), max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    st.dictionaries(
        st.sampled_from(["'a'", "1", "None"]), st.one_of(VALUES, CALLS), max_size=2
    ).map(lambda items: "{" + ", ".join(f"{k}: {v}" for k, v in items.items()) + "}"),
    st.text("0123x.+-*/()[]{}'\", :=\x00ü²", max_size=12),
    st.sampled_from(["(" * 400, "[" * 400, "-" * 9000 + "1", "1+" * 4000 + "1", "9" * 5000]),
)


@examples(60)
@given(ANYTHING)
def test_any_text_is_an_input_or_one_error_of_our_own(text: str) -> None:
    with no_hang():
        try:
            value = parse(text)
        except UsageError as error:
            assert "x" in str(error) and len(str(error)) < 600
            return
        raw = value.value if isinstance(value, InputSpec) else value
        if isinstance(raw, torch.Tensor):
            assert 0 < raw.numel() <= 1_000_000
        for program in ("x*2", "x"):
            try:
                load_program(program, {"x": text}).record(backward=False)
            except (UsageError, RecordingError):
                continue
        try:
            record(lambda x: torch.ones((), requires_grad=True) * 2, x=value)
        except (UsageError, RecordingError) as error:
            raise AssertionError(text) from error


NAMES = st.sampled_from(["x", "y", "w_1", "θ", "α", "Ünder"])


@examples(40)
@given(st.dictionaries(NAMES, st.one_of(VALUES, CALLS), max_size=4), st.sampled_from([", ", ";"]))
def test_a_line_of_inputs_is_split_at_its_names(values: dict[str, str], separator: str) -> None:
    line = separator.join(f"{name}={value}" for name, value in values.items())
    assert split_inputs(line) == values


@examples(40)
@given(st.text("ab=,;[](){}'\" 1θ\x00", max_size=20))
def test_any_line_is_split_or_one_error_of_our_own(line: str) -> None:
    try:
        values = split_inputs(line)
    except UsageError:
        return
    assert all(name.isidentifier() for name in values)
