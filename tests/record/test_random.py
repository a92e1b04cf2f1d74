"""Random programs: values and gradients equal those of torch, and every tape is consistent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gradreel.record import record

Line = tuple[str, int, int]

# Every operation takes two tensors of shape (2, 3) and returns one of that shape.
OPERATIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": lambda a, b: a + b,
    "subtract from": lambda a, b: 2 - a * 0.5 - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / (1.5 + b**2),
    "square": lambda a, b: a * a,
    "tanh": lambda a, b: torch.tanh(a),
    "exp": lambda a, b: torch.exp(-(a**2)),
    "log": lambda a, b: torch.log(2 + torch.sin(a)),
    "sigmoid": lambda a, b: torch.sigmoid(a) - b.detach(),
    "softmax": lambda a, b: torch.softmax(a, dim=1),
    "broadcast": lambda a, b: a - b.mean(dim=1, keepdim=True),
    "rows": lambda a, b: torch.stack([b[1], a[0]]),
    "halves": lambda a, b: torch.cat([a[:, :1], b[:, 1:]], dim=1),
    "split": lambda a, b: torch.cat(tuple(reversed(a.split([1, 2], dim=1))), dim=1) + b,
    "matmul": lambda a, b: torch.tanh(a @ b.T) @ a,
    "reshape": lambda a, b: a.reshape(3, 2).T.contiguous() * b,
    "in place": lambda a, b: (a * 1).mul_(0.5).add_(b),
    "filled": lambda a, b: _filled(a, b),
    "norm": lambda a, b: torch.nn.functional.layer_norm(a, (3,)) * b,
    "choose": lambda a, b: torch.where(a > b, a, b * 0.3),
}


def _filled(a: Tensor, b: Tensor) -> Tensor:
    table = torch.zeros(2, 3, dtype=torch.float64)
    table[0] = a[0]
    table[:, 1] = b[:, 2]
    return table


lines = st.lists(
    st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=6,
)
numbers = st.lists(st.floats(-2, 2).map(lambda v: round(v, 3)), min_size=6, max_size=6)


def program_of(plan: list[Line]) -> Callable[..., Tensor]:
    """A program that follows the plan."""

    def program(x: Tensor, y: Tensor) -> Tensor:
        values = [x.reshape(2, 3), y.reshape(2, 3)]
        for name, left, right in plan:
            values.append(OPERATIONS[name](values[left % len(values)], values[right % len(values)]))
        total = (values[-1] * values[0]).sum() + (values[-1] ** 2).mean()
        return total  # noqa: RET504 - the test looks for the name `total`

    return program


@settings(max_examples=40, deadline=None, derandomize=True)
@given(plan=lines, xs=numbers, ys=numbers)
def test_values_and_gradients_equal_those_of_torch(
    tape_checks: Any, plan: list[Line], xs: list[float], ys: list[float]
) -> None:
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (xs, ys))
    result = program_of(plan)(x, y)
    expected = torch.autograd.grad(result, (x, y), allow_unused=True)
    tape = record(program_of(plan), x=xs, y=ys)
    assert tape["total"].value == result.item()
    for row, grad in zip(tape.grads, expected, strict=True):
        assert (row.after is None) == (grad is None)
        if grad is not None:
            np.testing.assert_allclose(np.asarray(row.after), grad.numpy(), rtol=1e-12, atol=0)
    assert tape_checks.wrong_sums(tape) == []
    assert tape_checks.wrong_slots(tape) == []
    assert tape_checks.missing_values(tape) == []


smooth = st.lists(
    st.tuples(
        st.sampled_from(sorted(set(OPERATIONS) - {"choose", "norm", "sigmoid"})),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(smooth, numbers, numbers)
def test_recorded_gradients_pass_gradcheck(
    plan: list[Line], xs: list[float], ys: list[float]
) -> None:
    """gradcheck compares the recorded gradient with finite differences."""

    class Recorded(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
            ctx.save_for_backward(x, y)
            return program_of(plan)(x, y).detach()

        @staticmethod
        def backward(ctx: Any, *gradients: Tensor) -> Any:
            x, y = (t.tolist() for t in ctx.saved_tensors)
            rows = record(program_of(plan), x=x, y=y).grads
            after = [row.after or [0.0] * 6 for row in rows]
            return tuple(gradients[0] * torch.tensor(a, dtype=torch.float64) for a in after)

    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (xs, ys))
    assert torch.autograd.gradcheck(Recorded.apply, (x, y), atol=1e-5, rtol=1e-4)
