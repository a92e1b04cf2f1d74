"""Numbers of 16 bits have the digits of their dtype; autocast is recorded in float32."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from gradreel.record import record
from gradreel.record.fitting_dtype import AUTOCAST_IN_FLOAT32
from gradreel.record.program_loader import load_program
from gradreel.tape import Quantity
from gradreel.tape.mistakes import find_mistakes
from gradreel.tape.quantity import SIGNIFICANT_BITS, shortest_number


@pytest.mark.parametrize("dtype", SIGNIFICANT_BITS)
def test_the_fewest_digits_still_name_the_number(dtype: str) -> None:
    kind = getattr(torch, dtype)
    numbers = torch.cat([torch.linspace(-700, 700, 999), torch.logspace(-3, 4, 999)]).to(kind)
    for number in numbers.tolist():
        short = shortest_number(number, dtype)
        assert torch.tensor(short, dtype=kind).item() == number
        mantissa = f"{short:.9e}".partition("e")[0]
        assert len(mantissa.strip("-0").replace(".", "")) <= 5
    assert shortest_number(1 / 3, "float64") == 1 / 3


def thirds(x: Any) -> Any:
    return (x.bfloat16() / 3).sum()


def test_a_number_of_bfloat16_is_shown_with_three_digits() -> None:
    tape = record(thirds, x=[1.0, 2.0])
    assert Quantity(0.333984375, "test", dtype="bfloat16").text == "0.334"
    assert tape.value("div", (0,)).text == "0.334"
    assert "[0.334, 0.668] (bfloat16)" in tape.explain()
    (mistake,) = find_mistakes(tape)
    assert mistake.text.startswith("the result `sum` is bfloat16")


AUTOCAST = """
import torch

def loss(x):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        h = x @ x.T
    return h.float().sum()
"""


def test_autocast_is_recorded_as_it_runs_in_float32(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(AUTOCAST)
    tape = load_program(f"{tmp_path}/own.py:loss", {"x": "randn(2, 3)"}).record()
    assert tape.notes == (AUTOCAST_IN_FLOAT32,)
    assert (tape["x"].dtype, tape["h"].dtype) == ("float32", "bfloat16")
    assert find_mistakes(tape) == []
