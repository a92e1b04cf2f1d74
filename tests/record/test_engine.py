"""Backward passes, hooks, in-place changes, detached parts, retained and missing gradients."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from gradreel.errors import RecordingError
from gradreel.record import fixed, record


def test_a_gradient_argument_starts_the_pass() -> None:
    def program(v: Any) -> None:
        y = v * v
        y.backward(gradient=torch.tensor([1.0, 0.5], dtype=torch.float64))

    tape = record(program, v=[1.0, 2.0])
    assert tape.backward()[0].gradient == (1.0, 0.5)
    assert tape.grads[0].after == (2.0, 2.0)


def test_autograd_grad_does_not_change_grad() -> None:
    def program(x: Any) -> None:
        y = torch.sin(x)
        torch.autograd.grad(y, x)

    tape = record(program, x=1.0)
    assert tape.grads == ()
    assert tape.gradient("x") == pytest.approx(math.cos(1.0))


def test_a_second_derivative() -> None:
    def program(x: Any) -> Any:
        y = x**3
        (g,) = torch.autograd.grad(y, x, create_graph=True)
        return g

    tape = record(program, x=2.0)
    assert tape.backwards == (1, 2)
    assert (tape["g"].value, tape.grad("x", 2)) == (12.0, 12.0)
    assert all(op.value is not None for op in tape)


def test_a_hook_that_changes_a_gradient() -> None:
    def program(x: Any) -> Any:
        y = x * 2
        y.register_hook(lambda g: g * 10)
        return y**2

    tape = record(program, x=3.0)
    (edge,) = tape.incoming("y")
    assert (edge.contribution, tape.gradient("y"), tape.grad("x")) == (12.0, 120.0, 240.0)


def test_a_hook_on_a_leaf() -> None:
    def program(x: Any) -> Any:
        x.register_hook(lambda g: -g)
        return x * 4

    tape = record(program, x=1.0)
    assert (tape.incoming("x")[0].contribution, tape.grad("x")) == (4.0, -4.0)


def test_retained_gradients_are_recorded_like_those_of_leaves() -> None:
    def program(x: Any) -> Any:
        a = x * 3
        a.retain_grad()
        return a**2

    tape = record(program, x=2.0)
    assert (tape.grad("a"), tape.grad("x")) == (12.0, 36.0)


def test_two_passes_over_a_retained_graph() -> None:
    def program(x: Any) -> None:
        y = x**2
        y.backward(retain_graph=True)
        y.backward()

    tape = record(program, x=3.0)
    assert [row.after for row in tape.grads] == [6.0, 12.0]
    assert len(tape.arrows()) == 1


def test_a_second_pass_that_torch_refuses_is_not_recorded() -> None:
    def program(x: Any) -> None:
        y = x**2
        y.backward()
        try:
            y.backward()
        except RuntimeError as error:
            assert "second time" in str(error)

    assert record(program, x=3.0).backwards == (1,)


def test_detached_and_untracked_values_are_recorded_without_gradient() -> None:
    def program(x: Any) -> Any:
        a = x**2
        cut = a.detach()
        with torch.no_grad():
            under_no_grad = x * 3
        with torch.inference_mode():
            under_inference = x * 4
        return a * cut + under_no_grad + 0 * x, under_inference

    tape = record(lambda x: program(x)[0], x=2.0)
    assert [tape[name].requires_grad for name in ("a", "cut", "under_no_grad")] == [
        True,
        False,
        False,
    ]
    assert tape["cut"].inputs == ("a",) and tape["cut"].grad_fn is None
    assert tape.grad("x") == 2 * 2 * 4.0  # d(a*cut)/dx with `cut` constant at 4


def test_in_place_changes_create_new_versions() -> None:
    def program(x: Any) -> Any:
        y = x * 2
        y += 1
        y.mul_(x)
        return y

    tape = record(program, x=3.0)
    assert [tape[name].value for name in ("y", "y@2", "y@3")] == [6.0, 7.0, 21.0]
    assert tape["y@2"].call == "y += 1"
    assert tape.grad("x") == 13.0


def test_an_in_place_change_under_no_grad_creates_a_new_version() -> None:
    def program(x: Any) -> Any:
        y = x * 2
        with torch.no_grad():
            y += 1
        return y.exp()

    tape = record(program, x=0.5)
    assert (tape["y"].value, tape["y@2"].value) == (1.0, 2.0)
    assert tape.grad("x") == pytest.approx(2 * math.exp(2.0))


def test_rows_written_into_a_tensor() -> None:
    def program(x: Any) -> Any:
        h = torch.zeros(2, dtype=torch.float64)
        h[0] = x
        h[1] = x * 3
        return (h**2).sum()

    tape = record(program, x=2.0)
    assert [tape[f"h{mark}"].value for mark in ("", "@2", "@3")] == [(0, 0), (2, 0), (2, 6)]
    assert tape.grad("x") == 2 * 2.0 + 2 * 9 * 2.0


def test_a_checkpointed_part_is_recorded_once() -> None:
    def program(x: Any) -> Any:
        return checkpoint(lambda u: torch.exp(torch.sin(u)), x, use_reentrant=False) * 2

    tape = record(program, x=0.5)
    assert [op.op for op in tape if op.grad_fn] == ["SinBackward0", "ExpBackward0", "MulBackward0"]
    assert tape.grad("x") == pytest.approx(2 * math.exp(math.sin(0.5)) * math.cos(0.5))


def test_an_unused_leaf_has_no_gradient() -> None:
    tape = record(lambda x, y: x * 2, x=1.0, y=5.0)
    assert tape.grad("y") is None
    assert not tape.incoming("y")


def test_nan_and_infinity_are_recorded() -> None:
    tape = record(lambda x: torch.log(x) * 0 + torch.sqrt(x), x=0.0)
    assert tape["log"].value == -math.inf
    grad = tape.grad("x")
    assert grad is not None and math.isnan(grad)


def test_control_flow_is_recorded_as_it_ran() -> None:
    def program(x: Any) -> Any:
        while x < 10:
            x = x * 2
        return x if x > 100 else -x

    tape = record(program, x=3.0)
    assert [op.id for op in tape if op.name == "x"] == ["x", "x@2", "x@3"]
    assert tape.grad("x") == -4.0


def test_one_call_that_is_several_nodes() -> None:
    tape = record(lambda a: 1 / a, a=4.0)
    nodes = [(op.grad_fn, op.value) for op in tape if op.grad_fn]
    assert nodes == [("ReciprocalBackward0", 0.25), ("MulBackward0", 0.25)]


def test_a_linear_of_a_vector_is_three_nodes() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(2, 2).double()
    tape = record(lambda x: layer(x).sum(), x=fixed([1.0, 2.0]))
    names = [op.grad_fn for op in tape if op.module == "layer" and op.grad_fn]
    assert names == ["TBackward0", "AddmmBackward0", "ViewBackward0"]
    transposed = next(op for op in tape if op.grad_fn == "TBackward0")
    assert transposed.value == tuple(tuple(row) for row in layer.weight.T.tolist())


def test_outputs_of_one_node() -> None:
    def program(x: Any) -> Any:
        first, rest = x.split([1, 2])
        return first.sum() * rest.prod()

    tape = record(program, x=[2.0, 3.0, 4.0])
    assert tape["first"].inputs == tape["rest"].inputs
    assert tape.grads[0].after == (12.0, 8.0, 6.0)


def test_an_optimizers_step_is_one_op() -> None:
    def program(w: Any) -> Any:
        optimizer = torch.optim.Adam([w], lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            loss = (w - 3) ** 2
            loss.backward()
            optimizer.step()
        return w

    tape = record(program, w=1.0)
    assert [op.call for op in tape if op.op == "step"] == ["Adam step", "Adam step"]
    assert tape["w@2"].value == pytest.approx(1.1, rel=1e-6)
    assert "w@2" in tape["sub@2"].inputs


def test_the_dtype_of_a_float32_input() -> None:
    x = torch.tensor(0.1, requires_grad=True)
    tape = record(lambda x: x * 3, x=x)
    assert tape["x"].dtype == "float32"
    assert tape["x"].value == float(torch.tensor(0.1))


def test_the_closure_of_an_optimizer_is_recorded() -> None:
    def program(w: Any) -> None:
        optimizer = torch.optim.LBFGS([w], max_iter=3)

        def closure() -> Any:
            optimizer.zero_grad()
            loss = (w - 1) ** 2
            loss.backward()
            return loss

        optimizer.step(closure)

    tape = record(program, w=3.0)
    versions = [op for op in tape if op.name == "w"]
    assert len(versions) >= 2 and versions[-1].op == "step"
    for number, before in zip(tape.backwards, versions, strict=False):
        assert tape[f"loss{'' if number == 1 else f'@{number}'}"].value == pytest.approx(
            (before.value - 1) ** 2  # type: ignore[operator]
        )


def test_a_module_created_by_the_program_has_the_name_of_its_variable() -> None:
    def program(x: Any) -> Any:
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()).double()
        return net(x).sum()

    tape = record(program, x=[1.0, 2.0])
    assert {"net.0.weight", "net.0.bias"} <= {op.id for op in tape}
    assert {op.module for op in tape if op.grad_fn} == {"net.0", "net.1", ""}
    assert not any("change" in op.call for op in tape)


def test_calls_are_formatted_as_in_the_program() -> None:
    def program(x: Any) -> Any:
        a = torch.nn.functional.softmax(x, dim=0)
        b = 1 - a[1]
        c = b * (-2) + x.sum()
        d = torch.stack([b, c])
        return d.mean()

    tape = record(program, x=[1.0, 2.0])
    calls = {op.id: op.call for op in tape}
    assert calls["a"] == "softmax(x, dim=0)"
    assert calls["b"] == "1 - element" and calls["element"] == "a[1]"
    assert calls["mul"] == "b * (-2)" and calls["c"] == "mul + sum"
    assert calls["d"] == "stack([b, c])"


def test_values_overwritten_by_a_fused_operator_are_none() -> None:
    torch.manual_seed(0)
    layer = torch.nn.LSTM(2, 3).double()
    tape = record(lambda x: layer(x)[0].sum(), x=fixed([[[1.0, 2.0]], [[0.5, -1.0]]]))
    expected = layer(torch.tensor([[[1.0, 2.0]], [[0.5, -1.0]]], dtype=torch.float64))[0]
    assert tape.ops[-1].value == pytest.approx(expected.sum().item())
    for op in tape:
        if op.op == "TanhBackward0" and op.value is not None:
            before = tape[op.inputs[0]].value
            if before is not None:
                torch.testing.assert_close(torch.tanh(torch.tensor(before)), torch.tensor(op.value))


def test_a_hook_on_a_node_that_changes_gradients_is_rejected() -> None:
    def program(x: Any) -> Any:
        y = x * 2
        y.grad_fn.register_prehook(lambda gradients: (gradients[0] * 3,))
        return y**2

    with pytest.raises(RecordingError, match="do not add up"):
        record(program, x=2.0)


def test_items_of_lists_and_dicts_are_named_also_after_replacement() -> None:
    def program(x: Any) -> Any:
        h = [x * 2, x * 3]
        for i in range(2):
            h[i] = torch.sin(h[i])
        table = {}
        for i in range(100):
            table[i] = h[0] * i
        return table[99] + h[1]

    ids = [op.id for op in record(program, x=1.0)]
    assert {"h[0]", "h[1]", "h[0]@2", "h[1]@2", "table[0]", "table[99]"} <= set(ids)
