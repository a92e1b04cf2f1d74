"""torch.func.grad and vmap as autograd.grad and a loop, which build a graph to record.

The transforms of torch.func hide their values from hooks and modes. While a program is recorded,
`grad` and `grad_and_value` run the function and torch.autograd.grad with create_graph=True, and
`vmap` runs it for one entry of the batch after the other. The results are compared with those of
torch.func; where they differ, or are not of this simple form, the transform is refused as before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch._functorch import apis, eager_transforms
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from gradreel.errors import RecordingError
from gradreel.record.function_mode import CallRecorder
from gradreel.record.tensor_values import tensors_equal
from gradreel.record.torch_patches import FUNC_GRAD, FUNC_GRAD_AND_VALUE, FUNC_VMAP

GRAD_NOTE = "torch.func.grad is recorded as torch.autograd.grad with create_graph=True."
VMAP_NOTE = "torch.func.vmap is recorded as a loop over the batch."


@contextlib.contextmanager
def plain_transforms(calls: CallRecorder) -> Iterator[list[str]]:
    """While the block runs, grad and vmap are as described above; gives the list of notes."""
    notes: list[str] = []

    def replaced(original: Callable[..., Any], plain: Callable[..., Any], note: str) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            if calls.paused or _is_inside_transform(args):
                return original(*args, **kwargs)
            expected = _quietly(calls, original, args, kwargs)
            result = plain(*args, **kwargs)
            if not _agree(calls, result, expected):
                return original(*args, **kwargs)
            notes[:] = dict.fromkeys([*notes, note])
            return result

        return run

    rows = (
        (FUNC_GRAD, eager_transforms, "grad_impl", _grad, GRAD_NOTE),
        (FUNC_GRAD_AND_VALUE, eager_transforms, "grad_and_value_impl", _grad_and_value, GRAD_NOTE),
        (FUNC_VMAP, apis, "vmap_impl", _vmap, VMAP_NOTE),
    )
    with contextlib.ExitStack() as stack:
        for patch, owner, name, plain, note in rows:
            replacement = replaced(getattr(owner, name), plain, note)
            stack.enter_context(patch.installed(owner, replacement))
        yield notes


def _is_inside_transform(args: Any) -> bool:
    is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor
    return any(isinstance(one, Tensor) and is_wrapped(one) for one in tree_flatten(args)[0])


def _quietly(calls: CallRecorder, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """The result of a call that is not recorded and draws no random numbers of the program."""
    calls.paused = True
    try:
        with torch.random.fork_rng(devices=[]):
            return function(*args, **kwargs)
    finally:
        calls.paused = False


def _agree(calls: CallRecorder, result: Any, expected: Any) -> bool:
    calls.paused = True
    try:
        pairs = zip(tree_flatten(result)[0], tree_flatten(expected)[0], strict=True)
        return all(_equal(one.detach(), other.detach()) for one, other in pairs)
    finally:
        calls.paused = False


def _equal(one: Tensor, other: Tensor) -> bool:
    scale = torch.full_like(other.abs(), float(other.abs().max()) if other.numel() else 0.0)
    return tensors_equal(one, other, 64 * scale + 1e-30, exactly=False)


def _grad_and_value(
    function: Callable[..., Any], argnums: Any, has_aux: bool, args: Any, kwargs: Any
) -> Any:
    chosen = (argnums,) if isinstance(argnums, int) else argnums
    arguments = list(args)
    inputs: list[Tensor] = []
    for number in chosen:
        leaves, spec = tree_flatten(arguments[number])
        copies = [_own_variable(leaf) for leaf in leaves]
        arguments[number] = tree_unflatten(copies, spec)
        inputs += copies
    with torch.enable_grad():
        result = function(*arguments, **kwargs)
        value = result[0] if has_aux else result
        found = torch.autograd.grad(
            value, inputs, create_graph=True, allow_unused=True, materialize_grads=True
        )
    grads = []
    for number in chosen:
        leaves, spec = tree_flatten(arguments[number])
        grads.append(tree_unflatten(list(found[: len(leaves)]), spec))
        found = found[len(leaves) :]
    gradient = grads[0] if isinstance(argnums, int) else tuple(grads)
    return gradient, (value, result[1]) if has_aux else value


def _grad(function: Callable[..., Any], argnums: Any, has_aux: bool, args: Any, kwargs: Any) -> Any:
    gradient, value = _grad_and_value(function, argnums, has_aux, args, kwargs)
    return (gradient, value[1]) if has_aux else gradient


def _own_variable(leaf: Tensor) -> Tensor:
    """The same numbers, as a variable of the function alone that still leads to the program's."""
    return leaf.view_as(leaf) if leaf.requires_grad else leaf.detach().clone().requires_grad_()


def _vmap(
    function: Callable[..., Any], in_dims: Any, out_dims: Any, randomness: str,
    chunk_size: int | None, *args: Any, **kwargs: Any,
) -> Any:  # fmt: skip
    dims = (in_dims,) * len(args) if isinstance(in_dims, int) else in_dims
    if not all(dim is None or isinstance(dim, int) for dim in (*dims, out_dims)):
        raise RecordingError(
            "torch.func.vmap with in_dims or out_dims inside containers is not recorded",
            hint="Give one number or None for each argument, or write the loop.",
        )
    sizes = [
        leaf.shape[dim]
        for argument, dim in zip(args, dims, strict=True)
        for leaf in (tree_flatten(argument)[0] if dim is not None else ())
    ]
    results = [
        function(*(_entry(a, dim, k) for a, dim in zip(args, dims, strict=True)), **kwargs)
        for k in range(sizes[0])
    ]
    return tree_map(lambda *entries: torch.stack(entries, out_dims), *results)


def _entry(argument: Any, dim: int | None, number: int) -> Any:
    if dim is None:
        return argument
    return tree_map(lambda leaf: leaf.select(dim, number), argument)
