"""Functions in a user's file: values and slopes against numpy, and errors of wrong ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gradreel.errors import ExpressionError, GradreelError, RecordingError, UsageError
from gradreel.functions.user_functions import load_function
from gradreel.params import SceneParams, UserFunction, UserFunction2, param

CODE = """
import math
import torch

def wave(x): return torch.sin(x) * x
def hinge(x):
    if x > 1:
        return (x - 1) ** 2
    return torch.tensor(0.0)
def averaged(x): return torch.stack([x, 3 * x]).mean()
def bumpy(x, y, height=2.0): return height * torch.sin(x) + (y - 1) ** 2
def flat(x): return 5.0
def cut(x): return x.item() ** 2
def detached(x): return x.detach() ** 2
def with_math(x): return math.sin(x)
def nothing(x): x ** 2
def pair(x): return torch.stack([x, x])
def words(x): return "x"
def root(x): return math.sqrt(x) * x
def three(x, y, z): return x + y + z
def keyword(x, *, y): return x + y
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(CODE)
    return str(path)


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("wave", lambda x: np.sin(x) * x, lambda x: np.cos(x) * x + np.sin(x)),
        ("hinge", lambda x: np.maximum(x - 1, 0) ** 2, lambda x: 2 * np.maximum(x - 1, 0)),
        ("averaged", lambda x: 2 * x, lambda x: 2 + 0 * x),
        ("flat", lambda x: 5 + 0 * x, lambda x: 0 * x),
    ],
)
def test_values_and_slopes_of_code(file, name, value, slope):
    f = load_function(f"{file}:{name}")
    samples = f.sample(-2, 3, 11)
    np.testing.assert_allclose(samples.values, value(samples.xs), atol=1e-12)
    np.testing.assert_allclose(samples.slopes, slope(samples.xs), atol=1e-12)
    assert float(f.point_at(2.5).slope) == pytest.approx(slope(2.5))
    assert f.typst() == f'"{name}"(x)'


def test_two_variables_and_a_default(file):
    f = load_function(f"{file}:bumpy", ("x", "y"), label="loss")
    axis = np.linspace(-1, 1, 5)
    values, (by_x, by_y) = f.grid(axis, axis)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    np.testing.assert_allclose(values, 2 * np.sin(x) + (y - 1) ** 2, atol=1e-12)
    np.testing.assert_allclose(by_x, 2 * np.cos(x), atol=1e-12)
    np.testing.assert_allclose(by_y, 2 * (y - 1), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("cut", RecordingError, "autograd cannot see"),
        ("detached", RecordingError, "autograd cannot see"),
        ("with_math", RecordingError, "autograd cannot see"),
        ("nothing", RecordingError, "returns nothing"),
        ("pair", RecordingError, "Tensor of shape (2,)"),
        ("words", RecordingError, "returns a str"),
        ("root", RecordingError, "at (-2): ValueError"),
        ("three", UsageError, "three takes x and y and z; here a function of x is needed"),
        ("keyword", UsageError, "takes x and y"),
        ("wav", UsageError, "wave"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
def test_an_error_says_what_is_wrong_with_the_code(file, name, error, message):
    with pytest.raises(error) as caught:
        load_function(f"{file}:{name}").sample(-2, 2, 5)
    assert message in str(caught.value)


class Params(SceneParams):
    one: UserFunction = param("x**2", "a function of x")
    two: UserFunction2 = param("x*y", "a function of x and y")


def test_a_parameter_takes_a_formula_or_a_file(file):
    params = Params.from_text({"one": f" {file}:wave ", "two": "x + y"})
    assert (params.one, params.two) == (f"{file}:wave", "x + y")
    assert [row["type"] for row in Params.describe()] == ["a formula or file.py:function"] * 2


@pytest.mark.parametrize(
    ("raw", "error", "message"),
    [
        ({"one": "missing.py:f"}, UsageError, "no file missing.py"),
        ({"one": "x*y"}, ExpressionError, "LossSurface, GradientVector"),
        ({"one": "x*z"}, ExpressionError, "z"),
        ({"two": "open('x')"}, GradreelError, "open"),
    ],
)
def test_a_wrong_parameter_is_an_error(raw, error, message):
    with pytest.raises(error) as caught:
        Params.from_text(raw)
    assert message in str(caught.value)


def test_code_that_gives_another_number_at_each_call_is_refused(tmp_path):
    path = tmp_path / "noise.py"
    path.write_text(
        "import torch\ndef noisy(x): return x*torch.randn(())\n"
        "def seeded(x):\n    torch.manual_seed(0)\n    return x*torch.randn(())\n"
    )
    with pytest.raises(RecordingError, match="another number at each call"):
        load_function(f"{path}:noisy").point_at(2.0)
    with pytest.raises(RecordingError, match="another number at each call"):
        load_function(f"{path}:noisy").sample(0, 1, 5)
    slope = float(torch.randn((), generator=torch.Generator().manual_seed(0)))
    assert load_function(f"{path}:seeded").point_at(2.0).slope == pytest.approx(slope)
