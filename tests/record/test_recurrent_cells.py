"""Recurrent layers as equations: gates by name, results and gradients of the kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gradreel.record import record
from gradreel.tape.mistakes import find_mistakes

GATES = {"LSTM": {"i", "f", "g", "o"}, "GRU": {"r", "z", "n"}}
LAYERS: dict[str, tuple[type[nn.Module], dict[str, Any], tuple[int, ...], bool]] = {
    "lstm": (nn.LSTM, {"batch_first": True}, (2, 4, 2), False),
    "lstm, both directions": (nn.LSTM, {"num_layers": 2, "bidirectional": True}, (4, 2, 2), False),
    "gru without bias": (nn.GRU, {"bias": False}, (4, 2, 2), False),
    "gru with a state": (nn.GRU, {"num_layers": 2, "bidirectional": True}, (4, 2, 2), True),
    "lstm cell": (nn.LSTMCell, {}, (4, 2), False),
    "gru cell of a vector": (nn.GRUCell, {}, (2,), False),
}


class Net(nn.Module):
    def __init__(self, layer: nn.Module, state: Tensor | None) -> None:
        super().__init__()
        self.layer, self.state = layer, state

    def loss(self, x: Tensor) -> Tensor:
        result = self.layer(x) if self.state is None else self.layer(x, self.state)
        total = torch.zeros((), dtype=x.dtype)
        for tensor in result if isinstance(result, tuple) else (result,):
            for part in tensor if isinstance(tensor, tuple) else (tensor,):
                total = total + (part**2).sum()
        return total


@pytest.mark.parametrize("name", LAYERS)
def test_gates_have_names_and_the_kernels_gradients(name: str) -> None:
    kind, settings, shape, has_state = LAYERS[name]
    torch.manual_seed(0)
    state = torch.randn(4, 2, 3, dtype=torch.float64) if has_state else None
    net = Net(kind(2, 3, **settings), state).double()
    x = torch.randn(*shape, dtype=torch.float64, requires_grad=True)
    tape = record(net.loss, x=x)
    recorded = {row.leaf: row.after for row in tape.grads if row.after is not None}
    net.zero_grad()
    x.grad = None
    loss = net.loss(x)
    loss.backward()
    for leaf, tensor in (("x", x), *net.named_parameters()):
        assert tensor.grad is not None
        np.testing.assert_allclose(np.asarray(recorded[leaf]), tensor.grad, rtol=1e-9, atol=1e-14)
    assert tape[tape.backward()[0].op].value == pytest.approx(loss.item(), rel=1e-12)
    assert GATES[kind.__name__.removesuffix("Cell")] <= {op.name for op in tape}
    assert all(op.value is not None for op in tape if op.name)
    assert "what PyTorch's fused kernel gives" in tape.notes[0]
    assert find_mistakes(tape) == []


def test_what_has_no_equations_here_is_left_to_the_kernel() -> None:
    net = Net(nn.LSTM(2, 3, proj_size=2), None).double()
    x = torch.randn(4, 2, 2, dtype=torch.float64)
    assert record(net.loss, x=x).notes == ()
    assert record(Net(nn.GRU(2, 3, 2, dropout=0.5), None).double().loss, x=x).notes == ()
