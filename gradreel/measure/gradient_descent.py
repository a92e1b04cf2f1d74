"""Gradient descent by torch.optim, recorded step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.functions.function import Array, Function
from gradreel.measure.optimizers import make_leaf, make_optimizer
from gradreel.tape import Quantity, input_quantity

CANDIDATE_RATES = tuple(m * 10.0**k for k in range(1, -7, -1) for m in (5, 2, 1))
EXTRA_STEPS = 5000  # after so many more steps a descent that converges has converged
SETTLED = 1e-14  # a descent whose gradient and last step are both smaller has converged
ZERO_GRADIENT = 1e-6  # a gradient with smaller components counts as zero at the limit


@dataclass(frozen=True)
class DescentStep:
    """The state after `step` steps: the variables, and the loss and its gradient there."""

    step: Quantity
    inputs: tuple[Quantity, ...]
    loss: Quantity
    gradient: tuple[Quantity, ...]


@dataclass(frozen=True)
class Descent:
    """A descent from its start; `steps[k]` is the state after k steps of `optimizer`."""

    optimizer: str
    lr: Quantity
    steps: tuple[DescentStep, ...]
    find_limit: Callable[[], tuple[float, ...]] = field(repr=False, compare=False)

    def __getitem__(self, step: int) -> DescentStep:
        return self.steps[step]

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def last(self) -> DescentStep:
        """The state after all steps."""
        return self.steps[-1]

    def at(self, time: float) -> DescentStep:
        """The state after the last whole step at `time`, which is counted in steps."""
        return self.steps[int(time + 1e-9)]

    @cached_property
    def positions(self) -> Array:
        """The variables after each step, shape (number of states, number of variables)."""
        return np.array([[float(x) for x in state.inputs] for state in self.steps])

    @cached_property
    def losses(self) -> Array:
        """The loss after each step, shape (number of states,)."""
        return np.array([float(state.loss) for state in self.steps])

    @cached_property
    def limit(self) -> tuple[float, ...]:
        """Where EXTRA_STEPS more steps lead, if the gradient is zero there; NaNs otherwise."""
        return self.find_limit()

    @property
    def converges(self) -> bool:
        """Whether EXTRA_STEPS more steps lead to a point where the gradient is zero."""
        return all(math.isfinite(x) for x in self.limit)

    def distance_to_limit(self, step: int) -> Quantity:
        """The distance after step number `step` to the limit; NaN without one."""
        distance = math.dist([float(x) for x in self.steps[step].inputs], self.limit)
        source = f"distance to the end of the descent after step {step}"
        return Quantity(distance, source, "distance")

    def slope_per_error(self, step: int) -> Quantity:
        """The absolute gradient after this many steps, divided by the distance to the limit."""
        error, slope = self.distance_to_limit(step), np.linalg.norm(self[step].gradient)
        ratio = float(slope) / error if error > 0 else math.nan
        # The limit is rounded in its last digits, and the ratio with it.
        return Quantity(float(f"{ratio:.10g}"), f"slope per distance after step {step}", "factor")

    def error_reduction(self, step: int) -> Quantity:
        """By how many percent step number `step`, from 1, reduces the distance to the limit."""
        before, after = self.distance_to_limit(step - 1), self.distance_to_limit(step)
        share = 100 * (1 - after / before) if before > 0 else math.nan
        return Quantity(share, f"share of the distance removed by step {step}, in %", "removed")


def run_descent(
    function: Function, start: Sequence[float], steps: int, lr: float, optimizer: str = "SGD"
) -> Descent:
    """`steps` steps of an optimizer of torch.optim from `start`, one number for each variable.

    Raises UsageError for an optimizer that is not in OPTIMIZERS, and for a start where the function
    has no finite value.
    """
    leaves = [make_leaf(x) for x in start]
    engine = make_optimizer(optimizer, leaves, lr)
    states = []
    for step in range(steps + 1):
        if step:
            engine.step()
        states.append(_evaluate(function, leaves, engine, step, optimizer))
    _check_start(states[0])

    def find_limit() -> tuple[float, ...]:
        return _find_limit(function, leaves, engine)

    return Descent(optimizer, input_quantity(lr, "learning rate"), tuple(states), find_limit)


def require_nonzero_gradient(descent: Descent) -> Descent:
    """The descent itself; raises UsageError if its gradient is zero at the start."""
    first = descent[0]
    if any(first.gradient):
        return descent
    raise UsageError(
        f"a descent that starts at {_position_text(first)} never moves: the slope there is zero.",
        hint="Choose another start.",
    )


def sufficient_decrease_rate(function: Function, start: Sequence[float], steps: int) -> float:
    """The largest of 50, 20, 10, 5, ... that satisfies the Armijo condition in every SGD step.

    The condition: the loss falls by at least half of what the gradient predicts. On a parabola,
    such a step does not cross the minimum. The first step is also no longer than the distance of
    the start from 0, plus 1.
    """
    fitting = (lr for lr in CANDIDATE_RATES if _decreases_sufficiently(function, start, steps, lr))
    return next(fitting, CANDIDATE_RATES[-1])


def _decreases_sufficiently(
    function: Function, start: Sequence[float], steps: int, lr: float
) -> bool:
    leaves = [make_leaf(x) for x in start]
    engine = make_optimizer("SGD", leaves, lr)
    before = _backward(function, leaves, engine)
    if lr * math.hypot(*map(_grad, leaves)) > 1 + math.hypot(*start):
        return False
    for _ in range(steps):
        predicted = lr * sum(_grad(leaf) ** 2 for leaf in leaves)
        engine.step()
        after = _backward(function, leaves, engine)
        if not after <= before - predicted / 2 + 1e-12 * max(1.0, abs(before)):
            return False
        before = after
    return True


def _check_start(first: DescentStep) -> None:
    if not all(math.isfinite(q) for q in (first.loss, *first.gradient)):
        raise UsageError(
            f"a descent cannot start at {_position_text(first)}: "
            f"the loss is {first.loss.text} there.",
            hint="Choose another start.",
        )


def _position_text(state: DescentStep) -> str:
    return ", ".join(f"{x.name} = {x.text}" for x in state.inputs)


def _evaluate(
    function: Function,
    leaves: Sequence[Tensor],
    engine: torch.optim.Optimizer,
    step: int,
    optimizer: str,
) -> DescentStep:
    loss = _backward(function, leaves, engine)
    after = f"after {step} steps of {optimizer}"
    names = function.variables
    inputs = tuple(
        Quantity(leaf.item(), f"{name} {after}" if step else "input", name)
        for leaf, name in zip(leaves, names, strict=True)
    )
    gradient = tuple(
        Quantity(_grad(leaf), f"{name}.grad {after}", f"{name}.grad")
        for leaf, name in zip(leaves, names, strict=True)
    )
    count = Quantity(step, f"steps of {optimizer} taken", "step")
    return DescentStep(count, inputs, Quantity(loss, f"loss {after}", "loss"), gradient)


def _backward(function: Function, leaves: Sequence[Tensor], engine: torch.optim.Optimizer) -> float:
    """Run forward and backward anew; returns the loss."""
    engine.zero_grad()
    loss = torch.as_tensor(function.fn(*leaves), dtype=torch.float64)
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    return loss.item()


def _grad(leaf: Tensor) -> float:
    return 0.0 if leaf.grad is None else leaf.grad.item()


def _find_limit(
    function: Function, leaves: Sequence[Tensor], engine: torch.optim.Optimizer
) -> tuple[float, ...]:
    """Continue the descent by EXTRA_STEPS; NaN for each variable if it does not converge."""
    no_limit = tuple(math.nan for _ in leaves)
    for _ in range(EXTRA_STEPS):
        before = [leaf.item() for leaf in leaves]
        engine.step()
        if not all(math.isfinite(leaf.item()) for leaf in leaves):
            return no_limit
        moved = max(abs(leaf.item() - x) for leaf, x in zip(leaves, before, strict=True))
        if moved == 0:
            break
        _backward(function, leaves, engine)
        if moved < SETTLED and all(abs(_grad(leaf)) < SETTLED for leaf in leaves):
            break
    converged = all(abs(_grad(leaf)) < ZERO_GRADIENT for leaf in leaves)
    return tuple(leaf.item() for leaf in leaves) if converged else no_limit
