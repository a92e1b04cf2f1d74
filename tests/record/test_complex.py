"""Complex tensors: real and imaginary parts on the tape, PyTorch's gradients, a + b i on cards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradreel.errors import RecordingError
from gradreel.record import record
from gradreel.record.program_loader import load_program
from gradreel.record.recorder import COMPLEX
from gradreel.tape import Tape
from tests.scenes.run_scene import dry_run, numbers


def square(z: Any) -> Any:
    return z.abs() ** 2


def product(z: Any) -> Any:
    w = z * z
    return (w * w.conj()).real


def of_parts(a: Any, b: Any) -> Any:
    z = torch.complex(a, b)
    w = z * (2 - 1j) + z.conj()
    return w.imag * w.real


def spectrum(x: Any) -> Any:
    return (torch.fft.fft(x).abs() ** 2)[1]


def hooked(z: Any) -> Any:
    w = 3 * z
    w.register_hook(lambda gradient: gradient * 2j)
    return (w * w.conj()).real


PROGRAMS: dict[Any, dict[str, Any]] = {
    square: {"z": 1 + 2j}, product: {"z": 1 + 2j}, of_parts: {"a": 1.0, "b": 2.0},
    spectrum: {"x": [0.5, -1.0, 2.0, 0.25]}, hooked: {"z": 0.5 - 1j},
}  # fmt: skip


KINDS = {complex: torch.complex128, float: torch.float64, list: torch.float64}


@pytest.mark.parametrize("program", PROGRAMS)
def test_gradients_are_those_of_plain_torch(program: Any) -> None:
    tape = record(program, **PROGRAMS[program])
    leaves = {
        name: torch.tensor(value, dtype=KINDS[type(value)], requires_grad=True)
        for name, value in PROGRAMS[program].items()
    }
    program(**leaves).backward()
    for row in tape.grads:
        grad = leaves[row.leaf].grad
        assert grad is not None
        expected = torch.view_as_real(grad) if grad.is_complex() else grad
        np.testing.assert_allclose(np.asarray(row.after), expected, rtol=1e-12)
    assert Tape.from_json(tape.to_json()) == tape
    assert COMPLEX in tape.notes


def test_the_gradient_of_a_squared_modulus_is_twice_the_number() -> None:
    tape = record(square, z=1 + 2j)
    assert tape["z"].dtype == "complex128" and tape["z"].value == (1, 2)
    assert "`.grad` was None, and is **2 + 4i**" in tape.explain()


def test_inputs_may_be_complex_and_results_may_not(tmp_path: Any) -> None:
    (tmp_path / "own.py").write_text("def f(z):\n    return (z * z).real\n")
    tape = load_program(f"{tmp_path}/own.py:f", {"z": "1-2j"}).record()
    assert tape["z"].value == (1, -2)
    with pytest.raises(RecordingError, match="a pass starts at a real number"):
        record(lambda z: z * z, z=1 + 2j)


@pytest.mark.parametrize("scene", ["BackwardFlow", "TensorGraph"])
def test_a_card_has_both_parts(scene: str, tmp_path: Any) -> None:
    (tmp_path / "own.py").write_text("def f(z):\n    w = z * z\n    return w.abs() ** 2\n")
    film = dry_run(scene, program=f"{tmp_path}/own.py:f", inputs="z=1-2j")
    assert film.faults == []
    assert numbers(film, "z[0]")[0] == 1 and numbers(film, "z[1]")[-1] == -2
