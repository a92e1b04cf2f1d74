"""Generated torch programs: the recorded tape against torch.autograd.grad on a plain run."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gradreel.errors import GradreelError
from gradreel.record import record
from gradreel.tape import Tape
from tests.fuzz.generated import examples, no_hang

UNARY = (
    "torch.sin({})", "torch.tanh({})", "torch.exp(-{}**2)", "torch.sigmoid({})", "torch.relu({})",
    "{}.abs()", "-{}", "{}**2", "{}.clone()", "torch.nn.functional.softplus({})",
    "{}.clamp(-1, 1)", "2*{}", "{}/3", "1/({}**2 + 1)", "torch.sqrt({}**2 + 1)", "{}.detach()*0.5",
)  # fmt: skip
BINARY = ("{} + {}", "{} - {}", "{} * {}", "{} / ({}**2 + 1)", "torch.maximum({}, {})",
          "torch.where({} > 0, {}, 0.25)", "torch.minimum({}, {} + 1)")  # fmt: skip
SHAPED = (
    "{}.sum()", "{}.mean()", "{}.reshape(-1)", "{}.max()", "{}.flatten()[0]", "{}.unsqueeze(0)",
    "torch.cat([{0}.reshape(-1), {0}.reshape(-1)])", "{0}.reshape(-1) @ {0}.reshape(-1)",
    "torch.stack([{0}.reshape(-1), {0}.reshape(-1)]).T", "{}.softmax(-1)", "{}.cumsum(-1)",
    "torch.outer({0}.reshape(-1), {0}.reshape(-1))", "{0}.expand(2, *{0}.shape)",
    "{}.logsumexp(-1)",
)  # fmt: skip
IN_PLACE = ("{0} = {0}.clone(); {0}.mul_({1})", "{0} = {0}.clone(); {0}.add_(1)",
            "{0} = {0}*1; {0}.tanh_()")  # fmt: skip
SHAPES = ((), (1,), (3,), (2, 3))
NUMBERS = (-1.5, -0.7, 0.3, 0.8, 1.2, 2.0, -2.25)
_BELOW = [st.integers(0, count - 1) for count in range(1, 40)]


class _Writer:
    """Writes the source of a random program of x and y."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.names = ["x", "y"]

    def below(self, count: int) -> int:
        return self._draw(_BELOW[count - 1])

    def one_of(self, choices: Any) -> Any:
        return choices[self.below(len(choices))]

    def expression(self) -> str:
        kind = self.below(10)
        if kind < 4:
            return self.one_of(UNARY).format(self.one_of(self.names))
        if kind < 8:
            return self.one_of(BINARY).format(self.one_of(self.names), self.one_of(self.names))
        return self.one_of(SHAPED).format(self.one_of(self.names))

    def statements(self) -> list[str]:
        lines = []
        for _ in range(self.below(6) + 1):
            kind = self.below(12)
            if kind == 0:
                target = self.one_of(self.names)
                lines.append(self.one_of(IN_PLACE).format(target, self.one_of(self.names)))
            elif kind == 1:
                name = self.one_of(self.names)
                lines += [f"for _ in range({self.below(3) + 1}):", f"    {name} = {name} * 0.5 + 1"]
            elif kind == 2:  # the same name again
                lines.append(f"{self.one_of(self.names)} = {self.expression()}")
            elif kind == 3:
                lines += [f"if {self.one_of(self.names)}.sum() > 0:",
                          f"    {self.one_of(self.names)} = {self.expression()}"]  # fmt: skip
            else:
                name = "abcdefgh"[len(self.names) - 2]
                lines.append(f"{name} = {self.expression()}")
                self.names.append(name)
        return lines

    def program(self) -> str:
        body = self.statements()
        ends = (f"return ({self.names[-1]} * 1).sum()", f"return {self.names[-1]}.mean()",
                f"return ({self.names[-1]} * x).sum() + y.sum()")  # fmt: skip
        lines = ["import torch", "def program(x, y):", *(f"    {line}" for line in body)]
        return "\n".join([*lines, f"    {self.one_of(ends)}", ""])

    def value(self, shape: tuple[int, ...]) -> Any:
        if not shape:
            return self.one_of(NUMBERS)
        return [self.value(shape[1:]) for _ in range(shape[0])]


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """The source of a program of two tensors, and its inputs."""
    writer = _Writer(draw)
    source = writer.program()
    shape = writer.one_of(SHAPES)
    return source, {"x": writer.value(shape), "y": writer.value(writer.one_of((shape, ())))}


def load(source: str) -> Callable[..., Tensor]:
    names: dict[str, Any] = {}
    exec(compile(source, "<generated>", "exec"), names)  # noqa: S102
    program: Callable[..., Tensor] = names["program"]
    return program


def run_plainly(source: str, inputs: dict[str, Any]) -> tuple[float, dict[str, Any]] | None:
    """The result and gradients of torch alone; None where torch itself refuses the program."""
    leaves = {
        n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in inputs.items()
    }
    try:
        result = load(source)(**leaves)
        slopes = torch.autograd.grad(result, list(leaves.values()), allow_unused=True)
    except (RuntimeError, IndexError, TypeError, ValueError):
        return None
    return result.item(), {
        n: None if s is None else s.tolist() for n, s in zip(leaves, slopes, strict=True)
    }


def flat(value: Any) -> list[float]:
    if isinstance(value, (list, tuple)):
        return [number for item in value for number in flat(item)]
    return [float(value)]


def same(one: Any, other: Any) -> bool:
    pairs = list(zip(flat(one), flat(other), strict=True))
    return all(
        a == b or math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-14) or (a != a and b != b)
        for a, b in pairs
    )


@examples(25)
@given(programs())
def test_the_tape_of_a_program_is_what_torch_computes(case: tuple[str, dict[str, Any]]) -> None:
    source, inputs = case
    plain = run_plainly(source, inputs)
    with no_hang():
        try:
            tape = record(load(source), **inputs)
        except GradreelError as error:
            assert plain is None, (source, inputs, str(error))
            return
    assert plain is not None, source
    check(tape, *plain)
    assert repr(Tape.from_json(tape.to_json())) == repr(tape)


def check(tape: Tape, value: float, slopes: dict[str, Any]) -> None:
    """The result and the gradients are torch's; and every scalar chain rule on the tape holds."""
    result = tape[tape.backward()[0].op]
    assert same(result.value, value)
    after = {row.leaf: row.after for row in tape.grads}
    for name, slope in slopes.items():
        recorded = after.get(name)
        assert (recorded is None) == (slope is None), name
        if slope is not None:
            assert same(recorded, slope), name
    received = {step.op: step.gradient for step in tape.backward()}
    for edge in tape.edges:
        if edge.local is None or edge.contribution is None:
            continue
        gradient = received.get(edge.source)
        if isinstance(gradient, float):
            product = gradient * edge.local
            assert math.isclose(product, flat(edge.contribution)[0], rel_tol=1e-12, abs_tol=1e-14)
