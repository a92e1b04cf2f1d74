"""Functions that a lecture draws: value and slope by autograd, from a formula or from PyTorch code.

    f = Function.parse("0.5*(x-3)**2")
    f.at(1.0).slope                        a Quantity, -2
    f.sample(-1, 7, 200).slopes             two hundred slopes by one call of autograd
    Function.parse("(3*x+1)**2").chain(2.0).slope      42, with the slope of each link

All work is done in float64. Outside its domain a function is NaN; nothing is raised.
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
from gradreel.tape import Quantity, Tape, format_number

Array = npt.NDArray[np.float64]


def input_quantity(value: float, name: str = "") -> Quantity:
    """A number that the lecturer typed, allowed on screen as such."""
    return Quantity(value, "input", name)


@dataclass(frozen=True)
class Point:
    """A function at one place: `slope` is the derivative, by autograd."""

    x: Quantity
    value: Quantity
    slope: Quantity


@dataclass(frozen=True)
class Evaluation:
    """A function of several variables at one place, with a partial derivative for each."""

    inputs: tuple[Quantity, ...]
    value: Quantity
    partials: tuple[Quantity, ...]


@dataclass(frozen=True)
class Samples:
    """A function along an interval: `xs`, `values` and `slopes` are arrays of one length."""

    label: str
    variable: str
    xs: Array
    values: Array
    slopes: Array

    def __len__(self) -> int:
        return len(self.xs)

    def __getitem__(self, index: int) -> Point:
        """The Quantities of one place of the sweep."""
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        x, value, slope = (float(a[index]) for a in (self.xs, self.values, self.slopes))
        return _point(self.label, self.variable, x, value, slope)

    def lowest(self) -> Point:
        """The place of the sweep with the smallest value; NaN does not count."""
        return self[int(np.nanargmin(self.values))]


@dataclass(frozen=True)
class Link:
    """One link of a chain: from `input` to `output`, with d output / d input there."""

    expression: Expression
    input: Quantity
    output: Quantity
    slope: Quantity


@dataclass(frozen=True)
class Chain:
    """A composition at one place: its links, innermost first, and the slope of the whole."""

    links: tuple[Link, ...]
    slope: Quantity

    @property
    def names(self) -> tuple[str, ...]:
        """The variables from the input to the result: x, u, y."""
        return (self.links[0].input.name, *(link.output.name for link in self.links))


@dataclass(frozen=True)
class Function:
    """A function of one or more variables; `of` takes and gives tensors."""

    fn: Callable[..., Any]
    variables: tuple[str, ...] = ("x",)
    text: str = ""
    expression: Expression | None = None
    label: str = "f"

    @classmethod
    def parse(cls, text: str, variables: Sequence[str] = ("x",), label: str = "f") -> Function:
        """A function from a formula; raises ExpressionError for what is no formula."""
        return cls.from_expression(parse(text, variables), label)

    @classmethod
    def from_expression(cls, expression: Expression, label: str = "f") -> Function:
        """A function from a formula that has been read."""

        def of(*arguments: Tensor) -> Any:
            values = dict(zip(expression.variables, arguments, strict=True))
            return expression.evaluate(values, torch_call, as_tensor)

        return cls(of, expression.variables, expression.text, expression, label)

    def typst(self) -> str:
        """The formula as Typst math; code is shown by its name, as bumpy(x, y)."""
        if self.expression is None and self.text:
            return f'"{self.text}"({", ".join(self.variables)})'
        return self._formula().typst()

    def point_at(self, x: float) -> Point:
        """Value and slope of a function of one variable at `x`."""
        self._expect(1)
        return _at(self, float(x), math.copysign(1.0, x))

    def sample(self, start: float, stop: float, count: int) -> Samples:
        """Values and slopes at `count` places from `start` to `stop`, both included."""
        self._expect(1)
        xs = torch.linspace(start, stop, count, dtype=torch.float64)
        values, (slopes,) = self._evaluated([xs])
        return Samples(self.label, self.variables[0], xs.numpy(), values, slopes)

    def sample_at(self, xs: Sequence[float] | Array) -> Samples:
        """Values and slopes at the given places."""
        self._expect(1)
        places = torch.tensor(np.asarray(xs, dtype=np.float64))
        values, (slopes,) = self._evaluated([places])
        return Samples(self.label, self.variables[0], places.numpy(), values, slopes)

    def evaluate(self, *inputs: float) -> Evaluation:
        """Value and partial derivatives of a function of several variables."""
        self._expect(len(inputs))
        places = tuple(float(x) for x in inputs)
        return _place(self, places, tuple(math.copysign(1.0, x) for x in places))

    def _place_at(self, inputs: Sequence[float]) -> Evaluation:
        values, partials = self._evaluated([torch.tensor([x], dtype=torch.float64) for x in inputs])
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
        """Values and partial derivatives on the grid of `axes`, each array of shape
        (len(axes[0]), len(axes[1]), ...)."""
        self._expect(len(axes))
        meshes = np.meshgrid(*axes, indexing="ij")
        values, partials = self._evaluated([torch.tensor(mesh.ravel()) for mesh in meshes])
        shape = meshes[0].shape
        return values.reshape(shape), tuple(part.reshape(shape) for part in partials)

    def chain(self, x: float) -> Chain:
        """Each link of the composition at `x`: its own slope and that of the whole, taken from one
        graph. Raises ExpressionError where the formula has no variable or more than one."""
        return _chain(self, float(x), math.copysign(1.0, x))

    def _chain_at(self, x: float) -> Chain:
        links = self._formula().links()
        place = f"at {links[0].variables[0]} = {format_number(x)}"
        values = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True)]
        given: Quantity = input_quantity(x, links[0].variables[0])
        rows = []
        for link in links:
            before = values[-1]
            with torch.enable_grad():
                after = link.evaluate({link.variables[0]: before}, torch_call, as_tensor)
            values.append(after)
            out = Quantity(float(after.detach()), f"{link.name} {place}", link.name)
            rows.append(Link(link, given, out, _ratio(after, before, link.name, given.name, place)))
            given = out
        return Chain(
            tuple(rows), _ratio(values[-1], values[0], given.name, rows[0].input.name, place)
        )

    def chain_tape(self, x: float) -> Tape:
        """The recording of the composition, one named line a link: u = 3 * x + 1, y = u**2."""
        links = self._formula().links()
        inputs: dict[str, Any] = {links[0].variables[0]: float(x)}
        return record(program_from(links), **inputs)

    def _formula(self) -> Expression:
        if self.expression is None:
            raise UsageError(f"{self.label} was given as code; only a formula can be taken apart")
        return self.expression

    def _expect(self, count: int) -> None:
        if len(self.variables) != count:
            names = ", ".join(self.variables)
            raise UsageError(f"{self.label} is a function of {names}; {count} input(s) were given")

    def _evaluated(self, inputs: list[Tensor]) -> tuple[Array, tuple[Array, ...]]:
        """Values and slopes, one array each; all places go through autograd together."""
        leaves = [tensor.detach().clone().requires_grad_() for tensor in inputs]
        with torch.enable_grad():
            result = self.fn(*leaves)
            result = torch.as_tensor(result, dtype=torch.float64)
            values = result.expand_as(leaves[0])
            if not values.requires_grad:
                flat = np.zeros(leaves[0].shape)
                return values.numpy().copy(), tuple(flat.copy() for _ in leaves)
            slopes = torch.autograd.grad(values.sum(), leaves, allow_unused=True)
        return values.detach().numpy().copy(), tuple(
            np.where(
                values.detach().isnan().numpy(),
                np.nan,
                (torch.zeros_like(leaf) if slope is None else slope).numpy(),
            )
            for leaf, slope in zip(leaves, slopes, strict=True)
        )


# Half a dozen drawings ask at every frame for the same place. The sign tells 0.0 from -0.0.


@lru_cache(maxsize=8)
def _at(function: Function, x: float, sign: float) -> Point:
    (value,), ((slope,),) = function._evaluated([torch.tensor([x], dtype=torch.float64)])
    return _point(function.label, function.variables[0], x, value, slope)


@lru_cache(maxsize=8)
def _place(function: Function, inputs: tuple[float, ...], signs: tuple[float, ...]) -> Evaluation:
    return function._place_at(inputs)


@lru_cache(maxsize=8)
def _chain(function: Function, x: float, sign: float) -> Chain:
    return function._chain_at(x)


def _point(label: str, variable: str, x: float, value: float, slope: float) -> Point:
    where = f"at {variable} = {format_number(x)}"
    return Point(
        input_quantity(x, variable),
        Quantity(float(value), f"{label} {where}", f"{label}({variable})"),
        Quantity(
            float(slope), f"d{label}/d{variable} {where} by autograd", f"{label}'({variable})"
        ),
    )


def _ratio(of: Tensor, by: Tensor, above: str, below: str, place: str) -> Quantity:
    """d above / d below from the graph between them; NaN where the value is."""
    slope = float(torch.autograd.grad(of, by, retain_graph=True)[0])
    if bool(of.isnan()):
        slope = math.nan
    name = f"d{above}/d{below}"
    return Quantity(slope, f"{name} {place} by autograd", name)
