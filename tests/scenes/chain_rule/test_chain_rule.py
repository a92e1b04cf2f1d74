"""ChainRule against derivatives by SymPy."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from gradreel.errors import GradreelError, UsageError
from tests.scenes.run_scene import dry_run, manifest_of, number_texts

X = sympy.Symbol("x")


def product_of(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The numbers of the product: the factors, the outermost first, and the slope of the whole."""
    numbers = next(b for b in result["beats"] if b["name"] == "the product")["numbers"]
    links = len([b for b in result["beats"] if b["name"].startswith("how ")])
    places = [k for k, n in enumerate(numbers) if n["source"].startswith("dy/dx")]
    return numbers[places[0] - links * (links > 1) : places[0] + 1]


def test_the_figures_of_the_lecture() -> None:
    result = manifest_of("ChainRule")
    assert number_texts(result, "a composition") == ["2", "7", "49"]
    assert number_texts(result, "how y answers")[:3] == ["2.001", "7.003", "49.042"]
    assert [number["text"] for number in product_of(result)] == ["14", "3", "42"]


@pytest.mark.parametrize(
    ("function", "x"),
    [("(3*x+1)**2", -1.5), ("sin(exp(x/2))", 1.0), ("exp(-(tanh(2*x)+1)**2)", 0.3), ("3*x", 2.0)],
)
def test_the_product_is_the_derivative(function: str, x: float) -> None:
    result = manifest_of("ChainRule", function=function, x=x)
    *factors, total = (number["value"] for number in product_of(result))
    expected = float(sympy.diff(sympy.sympify(function), X).subs(X, x))
    assert total == pytest.approx(expected, rel=1e-12)
    assert math.prod(factors or [total]) == pytest.approx(expected, rel=1e-12)


def test_a_nudge_goes_through_the_lenses_one_after_the_other() -> None:
    result = manifest_of("ChainRule", nudge=0.1)
    assert number_texts(result, "a nudge")[:3] == ["2.1", "7.0", "49.0"]
    assert number_texts(result, "how u answers")[:3] == ["2.1", "7.3", "49.0"]
    assert number_texts(result, "how y answers")[:3] == ["2.1", "7.3", "53.3"]


def test_bars_are_as_long_as_values_move_and_all_lenses_fit_what_x_does() -> None:
    bars: dict[str, list[float]] = {}

    def measure(scene: Any, beat: Any) -> None:
        lenses = scene.figure.lenses
        bars[beat.name] = [lens.bar.width / scene.figure.scale.unit() for lens in lenses]
        assert all(lens.bar.get_right()[0] < lens.area.right for lens in lenses)

    manifest_of("ChainRule", measure)
    assert bars["how u answers"][:2] == pytest.approx([1, 3], rel=1e-3)
    assert bars["how y answers"] == pytest.approx([1, 3, 42], rel=1e-3)
    assert bars["at every x"] == pytest.approx([1, 3, 24], rel=1e-3)  # at x = 1


def test_the_steps_of_one_lens_are_seen_in_the_next() -> None:
    scene = dry_run("ChainRule")
    assert scene.figure.whole_steps(1) == 3
    cuts = scene.figure._cuts(2)  # of 24 steps at x = 1, where each of three became eight
    assert cuts == pytest.approx([8, 16], rel=1e-3)


CODE = """
import torch

def squash(t):
    u = 3 * t - 1
    return torch.sqrt(1 + torch.exp(-(u.square()) / 4))

def horner(x):
    for c in (2.0, -1.0):
        x = x * 2 + c
    return 1 / torch.tanh_(x)

def branches(x):
    return torch.sin(x) if x > 1.5 else x**2

def pair(x):
    return torch.stack([x, 2 * x]).sum()

def special(x):
    return torch.lgamma(x)

def doubling(x):
    for _ in range(60):
        x = x * x - x
    return x

def chance(x):
    return torch.sin(x) + torch.rand(())

def drawn(x):
    return torch.sin(x) * torch.rand(()).item()

HALF = torch.tensor(0.5)

def constants(x):
    return torch.exp(HALF * x + (-0.123456789012345)) * 1e-3

def none(x):
    torch.sin(x)
"""


@pytest.mark.parametrize(
    ("name", "formula", "links"),
    [("squash", sympy.sqrt(1 + sympy.exp(-((3 * X - 1) ** 2) / 4)), 6),
     ("horner", 1 / sympy.tanh(4 * X + 3), 3),
     ("constants", sympy.exp(X / 2 - 0.123456789012345) / 1000, 3)],
)  # fmt: skip
def test_code_is_decomposed_into_links(
    name: str, formula: sympy.Expr, links: int, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(CODE)
    result = manifest_of("ChainRule", function=f"{tmp_path}/own.py:{name}", x=0.25)
    product = product_of(result)
    expected = float(sympy.diff(formula, X).subs(X, 0.25))
    assert product[-1]["value"] == pytest.approx(expected, rel=1e-12)
    assert len([b for b in result["beats"] if b["name"].startswith("how ")]) == links


@pytest.mark.parametrize(
    ("name", "message"),
    [("branches", "other steps or numbers at x = 1 than"), ("pair", "is a tensor, not a number"),
     ("special", "lgamma is not a function that formulas have"), ("none", "returns nothing"),
     ("doubling", "more than 2000 characters"),
     ("chance", "another number at each call"),
     ("drawn", "another number at each call")],
)  # fmt: skip
def test_code_that_is_not_a_chain_raises_an_error(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(CODE)
    with pytest.raises(GradreelError, match=message):
        manifest_of("ChainRule", function=f"{tmp_path}/own.py:{name}")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"function": "x+1e15"}, "y is 1e15: a nudge of 0.001 is lost"),
        ({"function": "1/(x-2)"}, "has no slope at x = 2"),
        ({"function": "sqrt(x)", "x": 0}, "has no slope at x = 0"),
    ],
)
def test_a_place_where_no_nudge_can_be_seen_is_refused(params, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        manifest_of("ChainRule", **params)


def shown(scene: Any) -> list[Decimal]:
    """The numbers of the three lines, as they stand there."""
    return [Decimal(r.number.update().numbers()[0].text) for r in scene.figure.readings]


def agree(x: Decimal, u: Decimal, y: Decimal) -> bool:
    """Whether u and y are what 3x + 1 and u² give for the shown x, to the last shown digit."""
    half = Decimal(1).scaleb(y.as_tuple().exponent) / 2
    return u == 3 * x + 1 and abs(y - u * u) <= half


def test_who_works_out_the_lines_from_the_x_that_is_read_gets_what_is_shown() -> None:
    scene = dry_run("ChainRule")
    for x in np.linspace(2, 1, 97):
        scene.x_tracker.set_value(x)
        assert agree(*shown(scene)), shown(scene)
        dy_du = scene.figure.slopes[1].number.update().numbers()[0].text
        assert abs(Decimal(dy_du) - 2 * shown(scene)[1]) <= Decimal("0.05")
    scene.x_tracker.set_value(2)
    for share in np.linspace(1, 0, 13):
        scene.figure.shift.set_value(share)
        x, u, y = shown(scene)
        assert agree(x, u, y) and x in (Decimal("2.001"), 2)


def test_fourteen_steps_of_y_are_counted_below_the_first_of_three_shades() -> None:
    counts: dict[str, list[tuple[float, str]]] = {}

    def measure(scene: Any, beat: Any) -> None:
        counted, unit = scene.figure.counted, scene.figure.scale.unit()
        if counted is not None:
            text = counted.number.numbers()[0].text
            counts[beat.name] = [(counted.bracket.width / unit, text)]
            counts[beat.name] += [(part.width / unit, "") for part in scene.figure.shades[1]]

    manifest_of("ChainRule", measure)
    assert list(counts) == ["how u answers", "how y answers"]
    assert counts["how u answers"][0] == (pytest.approx(3), "3")
    (steps, text), *parts = counts["how y answers"]
    assert (steps, text) == (pytest.approx(14, abs=0.01), "14")
    assert [width for width, _ in parts] == pytest.approx([1, 14, 1, 14], abs=0.01)


@pytest.mark.parametrize(("function", "asked"), [("(3*x+1)**2", 3), ("exp(x)", 0)])
def test_the_slope_of_the_whole_is_asked_for_where_it_is_going_to_be_written(function, asked):
    scene = dry_run("ChainRule", function=function)
    assert len(scene.question) == asked
    if asked:
        place = scene.figure.product.symbols.part("whole").get_center()
        assert scene.question[0].get_center() == pytest.approx(place)
