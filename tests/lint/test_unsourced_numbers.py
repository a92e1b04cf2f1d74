"""Numbers in captions that no Quantity gave."""

from __future__ import annotations

import pytest
import torch

from gradreel.draw.caption import Caption
from gradreel.lint.unsourced_numbers import unsourced_numbers
from gradreel.record import fixed, record
from gradreel.tape import Quantity


@pytest.mark.parametrize(
    ("words", "unsourced"),
    [
        ("The slope is {slope}, and {tiny} is left.", []),
        ("The slope is −0.25.", ["−0.25"]),
        ("The slope is {slope}, not 0.25 or 2.", ["0.25", "2"]),
        ("The slope is {slope}5.", ["−0.255"]),
        ("Its grad_fn is MulBackward0.", []),
        ("Its grad_fn is AddBackward0.", ["AddBackward0"]),
        ("It is 2x + 3.", ["2", "3"]),
    ],
)
def test_a_number_without_a_quantity_is_found(words: str, unsourced: list[str]) -> None:
    numbers = {"slope": Quantity(-0.25, "test"), "tiny": Quantity(3e-8, "test")}
    caption = Caption(words, numbers)
    tape = record(lambda x: x * 2, x=1.5)
    assert list(unsourced_numbers(caption, tape)) == unsourced


def test_numbers_of_a_source_text_on_screen_may_be_said() -> None:
    caption = Caption("Three times x, then 0.5 less: 3x, not 7x.", {})
    assert list(unsourced_numbers(caption, None, "y = 3 * x - 0.5")) == ["7"]


def test_calls_of_modules_may_be_numbered() -> None:
    layer = torch.nn.Linear(1, 1).double()

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(self.layer(x)).sum()

    tape = record(Net(), x=fixed([1.0]))
    caption = Caption("layer and layer (call 2), but not layer (call 3) and 2", {})
    assert list(unsourced_numbers(caption, tape)) == ["3", "2"]


def test_functions_that_a_program_calls_may_have_digits_in_their_names() -> None:
    tape = record(lambda x: torch.max_pool2d(x, 2).sum(), x=[[[1.0, 2.0], [3.0, 4.0]]])
    caption = Caption("max_pool2d hands its share on in float64, and max_pool3d does not", {})
    assert list(unsourced_numbers(caption, tape)) == ["max_pool3d"]
