"""torch.func.grad and vmap, and reentrant checkpoints, recorded as plain autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call, grad, grad_and_value, vmap
from torch.utils.checkpoint import checkpoint

from gradreel.record import record
from gradreel.record.func_transforms import GRAD_NOTE, VMAP_NOTE
from gradreel.record.program_hooks import CHECKPOINT_NOTE


def wave(t: Any) -> Any:
    return t.sin() * t


def slope(x: Any) -> Any:
    return grad(wave)(x) ** 2 + x


def twice(x: Any) -> Any:
    return grad(grad(wave))(x) * x


def of_second(x: Any, w: Any) -> Any:
    gradient, value = grad_and_value(lambda a, b: (a * b**2).sum(), argnums=1)(x, w)
    return (gradient * value).sum()


def rows(x: Any) -> Any:
    return vmap(lambda row: (row * row).sum())(x).prod()


def per_sample(x: Any, w: Any) -> Any:
    gradients = vmap(grad(lambda v, row: (v @ row).tanh()), in_dims=(None, 0))(w, x)
    return (gradients**2).sum()


def closing_over(x: Any) -> Any:
    return grad(lambda t: t * x)(x)


def checkpointed(x: Any) -> Any:
    return checkpoint(lambda t: t.sin().exp(), x, use_reentrant=True).sum()


MATRIX, VECTOR = [[1.0, 2.0], [-0.5, 0.25]], [0.3, -0.4]
PROGRAMS: dict[Any, tuple[dict[str, Any], str]] = {
    slope: ({"x": 2.0}, GRAD_NOTE), twice: ({"x": 0.7}, GRAD_NOTE),
    of_second: ({"x": VECTOR, "w": VECTOR}, GRAD_NOTE), rows: ({"x": MATRIX}, VMAP_NOTE),
    per_sample: ({"x": MATRIX, "w": VECTOR}, VMAP_NOTE), closing_over: ({"x": 2.0}, GRAD_NOTE),
    checkpointed: ({"x": VECTOR}, CHECKPOINT_NOTE),
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_transforms_give_what_torch_func_gives(program: Any) -> None:
    inputs, note = PROGRAMS[program]
    tape = record(program, **inputs)
    leaves = {
        n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in inputs.items()
    }
    result = program(**leaves)
    result.backward()
    last = tape.backwards[-1]
    found = {row.leaf: row.after for row in tape.grads if row.backward == last}
    for name, leaf in leaves.items():
        np.testing.assert_allclose(np.asarray(found[name]), leaf.grad, rtol=1e-10)
    assert tape[tape.backward(last)[0].op].value == pytest.approx(result.item(), rel=1e-12)
    assert note in tape.notes


def test_gradients_at_a_dictionary_of_parameters() -> None:
    net = nn.Linear(2, 1).double()

    def loss(parameters: Any, row: Any) -> Any:
        return functional_call(net, parameters, (row,)).pow(2).sum()

    def program(x: Any) -> Any:
        parameters = {name: p.detach() for name, p in net.named_parameters()}
        return vmap(grad(loss), in_dims=(None, 0))(parameters, x)["weight"].pow(2).sum()

    x = torch.tensor(MATRIX, dtype=torch.float64, requires_grad=True)
    tape = record(program, x=x)
    expected = program(x)
    assert tape[tape.backward(tape.backwards[-1])[0].op].value == pytest.approx(expected.item())
