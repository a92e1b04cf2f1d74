"""Functions of formulas or PyTorch code: values and slopes by autograd, at points or sampled.

    f = Function.parse("0.5*(x-3)**2")
    f.point_at(1.0).slope                  a Quantity, -2
    f.sample(-1, 7, 200).slopes            two hundred slopes by one call of autograd
    Function.parse("(3*x+1)**2").chain(2.0).slope      42, with the slope of each link

Everything is computed in float64. Outside of its domain a function is NaN; no error is raised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.expression import Expression, parse
from gradreel.record import record
from gradreel.record.codegen import as_tensor, program_from, torch_call
from gradreel.tape import Quantity, Tape, format_number, input_quantity

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """A function of one variable at one x; `slope` is the derivative, by autograd."""

    x: Quantity
    value: Quantity
    slope: Quantity


@dataclass(frozen=True)
class Evaluation:
    """A function of several variables at one point, with the partial derivative by each."""

    inputs: tuple[Quantity, ...]
    value: Quantity
    partials: tuple[Quantity, ...]


@dataclass(frozen=True)
class Samples:
    """A function of one variable at many x; the three arrays have one length.

    An index gives the Point there, with its Quantities.
    """

    label: str
    variable: str
    xs: Array
    values: Array
    slopes: Array

    def __len__(self) -> int:
        return len(self.xs)

    def __getitem__(self, index: int) -> Point:
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        x, value, slope = (float(a[index]) for a in (self.xs, self.values, self.slopes))
        return _point(self.label, self.variable, x, value, slope)


@dataclass(frozen=True)
class Link:
    """One link of a composition at one point; `slope` is d output / d input."""

    expression: Expression
    input: Quantity
    output: Quantity
    slope: Quantity


@dataclass(frozen=True)
class Chain:
    """A composition at one point: its links, innermost first, and the slope of all together."""

    links: tuple[Link, ...]
    slope: Quantity

    @property
    def names(self) -> tuple[str, ...]:
        """The variables from the input to the result: x, u, y."""
        return (self.links[0].input.name, *(link.output.name for link in self.links))


@dataclass(frozen=True)
class Function:
    """A function of one or more variables.

    `fn` maps float64 tensors of one shape, one for each of `variables`, to a tensor or a number.
    `text` is the formula or the name of the code, `expression` the parsed formula (None for code),
    and `label` the letter of the function on screen.
    """

    fn: Callable[..., Any]
    variables: tuple[str, ...] = ("x",)
    text: str = ""
    expression: Expression | None = None
    label: str = "f"

    @classmethod
    def parse(cls, text: str, variables: Sequence[str] = ("x",), label: str = "f") -> Function:
        """A function from a formula; raises ExpressionError for text that is not one."""
        return cls.from_expression(parse(text, variables), label)

    @classmethod
    def from_expression(cls, expression: Expression, label: str = "f") -> Function:
        """A function from a parsed formula."""

        def fn(*arguments: Tensor) -> Any:
            values = dict(zip(expression.variables, arguments, strict=True))
            return expression.evaluate(values, torch_call, as_tensor)

        return cls(fn, expression.variables, expression.text, expression, label)

    def typst(self) -> str:
        """The formula as Typst math; for code its call, such as bumpy(x, y)."""
        if self.expression is None and self.text:
            return f'"{self.text}"({", ".join(self.variables)})'
        return self._formula().typst()

    def point_at(self, x: float) -> Point:
        """Value and slope of a function of one variable at `x`."""
        self._check_arity(1)
        return _cached_point(self, float(x), math.copysign(1.0, x))

    def sample(self, start: float, stop: float, count: int) -> Samples:
        """Values and slopes at `count` equidistant x from `start` to `stop`, both included."""
        self._check_arity(1)
        return self._samples(torch.linspace(start, stop, count, dtype=torch.float64))

    def sample_at(self, xs: Sequence[float] | Array) -> Samples:
        """Values and slopes at the given `xs`."""
        self._check_arity(1)
        return self._samples(torch.tensor(np.asarray(xs, dtype=np.float64)))

    def _samples(self, xs: Tensor) -> Samples:
        values, (slopes,) = self._evaluate([xs])
        return Samples(self.label, self.variables[0], xs.numpy(), values, slopes)

    def evaluate(self, *inputs: float) -> Evaluation:
        """Value and partial derivatives of a function of several variables at one point."""
        self._check_arity(len(inputs))
        point = tuple(float(x) for x in inputs)
        return _cached_evaluation(self, point, tuple(math.copysign(1.0, x) for x in point))

    def _compute_evaluation(self, inputs: Sequence[float]) -> Evaluation:
        values, partials = self._evaluate([torch.tensor([x], dtype=torch.float64) for x in inputs])
        where = ", ".join(
            f"{n} = {format_number(v)}" for n, v in zip(self.variables, inputs, strict=True)
        )
        return Evaluation(
            tuple(input_quantity(v, n) for n, v in zip(self.variables, inputs, strict=True)),
            Quantity(float(values[0]), f"{self.label} at {where}", self.label),
            tuple(
                Quantity(
                    float(slope[0]), f"d{self.label}/d{n} at {where} by autograd",
                    f"d{self.label}/d{n}",
                )
                for n, slope in zip(self.variables, partials, strict=True)
            ),
        )  # fmt: skip

    def grid(self, *axes: Array) -> tuple[Array, tuple[Array, ...]]:
        """Values and partial derivatives on the grid of `axes`, one for each variable.

        Each array has the shape (len(axes[0]), len(axes[1]), ...).
        """
        self._check_arity(len(axes))
        meshes = np.meshgrid(*axes, indexing="ij")
        values, partials = self._evaluate([torch.tensor(mesh.ravel()) for mesh in meshes])
        shape = meshes[0].shape
        return values.reshape(shape), tuple(part.reshape(shape) for part in partials)

    def chain(self, x: float) -> Chain:
        """The links of the formula at `x` with their slopes, all from one autograd graph.

        Raises UsageError for code, and ExpressionError for a formula whose variables are not one.
        """
        return _cached_chain(self, float(x), math.copysign(1.0, x))

    def _compute_chain(self, x: float) -> Chain:
        expressions = self._formula().links()
        variable = expressions[0].variables[0]
        where = f"at {variable} = {format_number(x)}"
        tensors = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True)]
        link_input: Quantity = input_quantity(x, variable)
        links = []
        for link in expressions:
            before = tensors[-1]
            with torch.enable_grad():
                after = link.evaluate({link.variables[0]: before}, torch_call, as_tensor)
            tensors.append(after)
            output = Quantity(float(after.detach()), f"{link.name} {where}", link.name)
            slope = _derivative(after, before, link.name, link_input.name, where)
            links.append(Link(link, link_input, output, slope))
            link_input = output
        total = _derivative(tensors[-1], tensors[0], link_input.name, variable, where)
        return Chain(tuple(links), total)

    def chain_tape(self, x: float) -> Tape:
        """The recording of the composition at `x`, one line a link: u = 3 * x + 1, y = u**2."""
        links = self._formula().links()
        inputs: dict[str, Any] = {links[0].variables[0]: float(x)}
        return record(program_from(links), **inputs)

    def _formula(self) -> Expression:
        if self.expression is None:
            raise UsageError(f"{self.label} was given as code; only a formula can be taken apart")
        return self.expression

    def _check_arity(self, count: int) -> None:
        if len(self.variables) != count:
            names = ", ".join(self.variables)
            raise UsageError(f"{self.label} is a function of {names}; {count} input(s) were given")

    def _evaluate(self, inputs: list[Tensor]) -> tuple[Array, tuple[Array, ...]]:
        """Values and slopes at all points by one call of autograd.

        `inputs` are 1-d tensors, one for each variable; the arrays have their length.
        """
        leaves = [tensor.detach().clone().requires_grad_() for tensor in inputs]
        with torch.enable_grad():
            result = torch.as_tensor(self.fn(*leaves), dtype=torch.float64)
            values = result.expand_as(leaves[0])
            if not values.requires_grad:
                zeros = np.zeros(leaves[0].shape)
                return values.numpy().copy(), tuple(zeros.copy() for _ in leaves)
            slopes = torch.autograd.grad(values.sum(), leaves, allow_unused=True)
        return values.detach().numpy().copy(), tuple(
            np.where(
                values.detach().isnan().numpy(),
                np.nan,
                (torch.zeros_like(leaf) if slope is None else slope).numpy(),
            )
            for leaf, slope in zip(leaves, slopes, strict=True)
        )


# Several drawings ask for the same point on every frame. The signs tell 0.0 from -0.0, which are
# equal as keys of a cache.


@lru_cache(maxsize=8)
def _cached_point(function: Function, x: float, sign: float) -> Point:
    (value,), ((slope,),) = function._evaluate([torch.tensor([x], dtype=torch.float64)])
    return _point(function.label, function.variables[0], x, value, slope)


@lru_cache(maxsize=8)
def _cached_evaluation(
    function: Function, inputs: tuple[float, ...], signs: tuple[float, ...]
) -> Evaluation:
    return function._compute_evaluation(inputs)


@lru_cache(maxsize=8)
def _cached_chain(function: Function, x: float, sign: float) -> Chain:
    return function._compute_chain(x)


def _point(label: str, variable: str, x: float, value: float, slope: float) -> Point:
    where = f"at {variable} = {format_number(x)}"
    return Point(
        input_quantity(x, variable),
        Quantity(float(value), f"{label} {where}", f"{label}({variable})"),
        Quantity(
            float(slope), f"d{label}/d{variable} {where} by autograd", f"{label}'({variable})"
        ),
    )


def _derivative(result: Tensor, by: Tensor, result_name: str, by_name: str, where: str) -> Quantity:
    """d result / d by, from the graph between the two; NaN where the result is NaN."""
    slope = float(torch.autograd.grad(result, by, retain_graph=True)[0])
    if bool(result.isnan()):
        slope = math.nan
    name = f"d{result_name}/d{by_name}"
    return Quantity(slope, f"{name} {where} by autograd", name)
