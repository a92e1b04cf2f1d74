"""Numbers on screen need a source, say where digits are rounded, and do not jitter."""

import math
import pickle

import pytest

from gradreel.draw.caption import Caption
from gradreel.draw.formula import Formula, is_product, is_sum
from gradreel.draw.glyphs import number_outline
from gradreel.draw.numbers import Readout, numbers_in
from gradreel.errors import NumberError
from gradreel.tape import Quantity, format_number


def quantity(value: float) -> Quantity:
    return Quantity(value, "test")


@pytest.mark.parametrize("bare", [3.0, 3, "3", quantity(3.0) + 0.0, quantity(3.0) * quantity(2.0)])
def test_a_number_without_a_source_raises_everywhere(bare: object) -> None:
    with pytest.raises(NumberError, match="bare"):
        Readout(bare)  # type: ignore[arg-type]
    with pytest.raises(NumberError, match="bare"):
        Caption("it is {n}", {"n": bare})  # type: ignore[dict-item]
    if not isinstance(bare, str):
        with pytest.raises(NumberError, match="bare"):
            Formula("{n}", n=bare)  # type: ignore[arg-type]


def test_a_format_in_a_caption_is_an_error() -> None:
    with pytest.raises(NumberError, match="Write {n}: a caption chooses the digits"):
        Caption("it is {n:.2f}", {"n": quantity(3.0)})
    # Words of a script that are not a number's name stay as they are.
    assert Caption("it prints {x:.2f}", {}).words == "it prints {x:.2f}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (42.0, "42"), (0.6, "0.6"), (1 / 3, "0.3333"), (-2.5, "-2.5"),
        (2.67789, "2.6779"), (0.0123449, "0.01234"), (1.2e-7, "1.2e-7"), (1.5e9, "1.5e9"),
        (math.nan, "nan"), (-math.inf, "-inf"), (999999.99996, "1000000"),
    ],
)  # fmt: skip
def test_numbers_are_formatted_with_few_digits(value: float, text: str) -> None:
    assert format_number(value) == text


def test_a_rounded_number_keeps_its_value_and_shows_fewer_digits() -> None:
    exact = Quantity(2.5973, "loss after step 9", "loss", "float32")
    few = exact.rounded(3)
    assert (float(few), few.text, f"{few}", few.source) == (2.5973, "2.6", "2.6", exact.source)
    assert few.dtype == "float32" and pickle.loads(pickle.dumps(few)).text == "2.6"
    assert Readout(few).numbers()[0].text == "2.6"
    assert few.rounded(4).text == "2.597"


def test_a_sign_is_held_to_the_digits_of_a_rounded_result() -> None:
    third, product = quantity(1 / 3), quantity(1 / 9)
    rule = is_product("ab", "c")
    assert rule.sign({"a": third, "b": third, "c": product.rounded(2)}) == "approx"
    wrong = quantity(0.113).rounded(2)
    assert rule.relation({"a": third, "b": third, "c": wrong}) == "approx"
    assert rule.relation({"a": third, "b": third, "c": quantity(0.113)}) is None
    assert rule.relation({"a": third, "b": third, "c": quantity(0.117).rounded(2)}) is None


@pytest.mark.parametrize(
    ("factors", "total", "sign"),
    [((3.0, 14.0), 42.0, "="), ((1 / 3, 3.0), 1.0, "approx"), ((0.1, 0.2), 0.1 * 0.2, "=")],
)
def test_a_product_has_an_equals_sign_only_where_its_digits_agree(
    factors: tuple[float, ...], total: float, sign: str
) -> None:
    rule = is_product("ab", "c")
    assert rule.sign(dict(zip("abc", map(quantity, (*factors, total)), strict=True))) == sign


@pytest.mark.parametrize(
    ("terms", "total"),
    [((1.0, math.inf), math.inf), ((math.inf, -math.inf), math.nan), ((math.nan, 1.0), math.nan)],
)
def test_infinity_and_nan_are_equal_to_what_they_are(
    terms: tuple[float, ...], total: float
) -> None:
    values = dict(zip("abc", map(quantity, (*terms, total)), strict=True))
    assert is_sum("ab", "c").sign(values) == "="


@pytest.mark.parametrize(
    ("terms", "total", "sign"),
    [
        ((3.0, 360.0), 5.0, None),
        ((1.0, math.inf), 3.0, None),
        ((1.0, 2.0), 3.0002, None),
        ((1.0, 2.0), 3.00004, "="),
        ((1 / 3, 1 / 3), 2 / 3, "approx"),
        ((1 / 3, 1 / 3), 0.6668, None),
        ((1e-7 / 3, 1e-7 / 3), 2e-7 / 3, "approx"),
        ((1e-7 / 3, 1e-7 / 3), 3e-7, None),
        ((1e-7, 1e-7), 0.0, None),
        ((-3.0, 3.0), 0.0, "="),
        ((4e6 / 3, 1.0), 4e6 / 3 + 1, "approx"),
    ],
)
def test_no_sign_stands_between_numbers_that_differ_by_more_than_rounding(
    terms: tuple[float, ...], total: float, sign: str | None
) -> None:
    values = dict(zip("abc", map(quantity, (*terms, total)), strict=True))
    rule = is_sum("ab", "c")
    assert rule.relation(values) == sign
    if sign is None:
        with pytest.raises(NumberError, match="neither = nor ≈"):
            rule.sign(values)
        with pytest.raises(NumberError, match="do not work out"):
            Formula("{a} + {b} {eq} {c}", eq=rule, **values)


def test_a_readout_follows_its_source_and_keeps_edge_and_scale() -> None:
    value = [1.0]
    readout = (
        Readout(lambda: quantity(value[0]), places=2, align="left").scale(1.5).shift([2, 1, 0])
    )
    left, scale = readout.get_left()[0], readout.current_scale
    value[0] = 123.456
    readout.update()
    assert readout.numbers()[0].text == "123.46"
    assert readout.get_left()[0] == pytest.approx(left)
    assert readout.current_scale == pytest.approx(scale, rel=1e-6)


def test_the_advance_of_a_digit_is_that_of_the_font() -> None:
    one, two = number_outline("8"), number_outline("88")
    assert two[:, 0].max() - one[:, 0].max() == pytest.approx(0.5, abs=1e-9)


def test_visible_numbers_are_found_once_and_in_order() -> None:
    formula = Formula("{a} + {b} = {c}", a=quantity(1.0), b=quantity(2.0), c=quantity(3.0))
    hidden = Readout(quantity(9.0)).set_opacity(0)
    texts = [n.text for n in numbers_in([formula, Readout(quantity(4.0)), hidden])]
    assert texts == ["1", "2", "3", "4"]


def test_a_formula_names_the_slot_that_has_no_value() -> None:
    with pytest.raises(NumberError, match="no value for b"):
        Formula("{a} + {b}", a=quantity(1.0))
