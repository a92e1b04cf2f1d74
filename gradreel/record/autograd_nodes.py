"""Properties of single autograd nodes and tensors, and traversal of the autograd graph."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

import torch
from torch import Tensor

from gradreel.record.value_nodes import Node


def node_name(node: Node) -> str:
    """The class name of a node: MulBackward0, CopySlices, AccumulateGrad."""
    return str(node.name()).rsplit("::", 1)[-1]


def is_leaf_node(node: Node) -> bool:
    """Whether `node` is an AccumulateGrad node, which adds to the `.grad` of a leaf."""
    return hasattr(node, "variable")


def grad_fn_of(tensor: Tensor) -> Node | None:
    """`tensor.grad_fn`; None where torch refuses to say it.

    That is so for a view made under no_grad whose base was changed in place: it is not tracked.
    """
    return tensor.grad_fn if _has_known_grad_fn(tensor) else None


def requires_grad(tensor: Tensor) -> bool:
    """`tensor.requires_grad`; False for a view of which torch refuses to say the grad_fn."""
    return tensor.requires_grad and (tensor._base is None or _has_known_grad_fn(tensor))


def _has_known_grad_fn(tensor: Tensor) -> bool:
    try:
        _ = tensor.grad_fn
    except RuntimeError:
        return False
    return True


def gradient_node(tensor: Tensor) -> Node | None:
    """The grad_fn of a tensor; AccumulateGrad for a leaf; None if no gradient is required."""
    if tensor.grad_fn is not None or not tensor.requires_grad:
        return tensor.grad_fn
    return torch.autograd.graph.get_gradient_edge(tensor).node


def reachable_nodes(roots: Iterable[Node | None]) -> Iterator[Node]:
    """Every node that a backward pass from `roots` can reach, each once, roots first."""
    # The nodes are kept, because Python reuses the id of an object that is gone.
    visited: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node is not None and id(node) not in visited:
            visited[id(node)] = node
            yield node
            stack.extend(next_node for next_node, _ in node.next_functions)


def postorder(roots: Iterable[Node | None], known: Container[int] = ()) -> list[Node]:
    """The nodes reachable from `roots`, each after all nodes in its `next_functions`.

    Nodes whose id is in `known` are left out, and so is what only they lead to. An explicit stack
    is used, because recursion fails at a few thousand nodes.
    """
    order: list[Node] = []
    visited: set[int] = set()
    stack: list[tuple[Node | None, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif node is not None and id(node) not in visited and id(node) not in known:
            visited.add(id(node))
            stack.append((node, True))
            stack.extend((next_node, False) for next_node, _ in reversed(node.next_functions))
    return order


def version_counter(tensor: Tensor) -> int:
    """PyTorch's count of in-place changes; -1 for inference tensors, which have none."""
    return -1 if tensor.is_inference() else tensor._version


def storage_address(tensor: Tensor) -> int:
    """The address of the memory that a tensor shares with its views; 0 if it has none."""
    try:
        return tensor.untyped_storage().data_ptr()
    except (RuntimeError, NotImplementedError):  # sparse tensors have no storage of their own
        return 0


def view_bases(tensors: Iterable[Tensor]) -> dict[tuple[int, int], Tensor]:
    """The tensors of which `tensors` are views, by (id of grad_fn, output number).

    An in-place write to a view creates a new grad_fn for its base.
    """
    bases = [tensor._base for tensor in tensors if tensor._base is not None]
    return {(id(b.grad_fn), b.output_nr): b for b in bases if b.grad_fn is not None}


def has_tensor_hooks(leaf: Tensor) -> bool:
    """Whether the program registered hooks on a leaf, which may change its gradient."""
    return bool(leaf._backward_hooks or getattr(leaf, "_post_accumulate_grad_hooks", None))


def saved_tensors(node: Node) -> Iterator[Tensor]:
    """The tensors that a node saved for its backward formula."""
    for attribute in dir(node):
        if attribute.startswith("_saved_"):
            tensor = _read_saved(node, attribute)
            if tensor is not None:
                yield tensor


def saved_result(node: Node) -> Tensor | None:
    """The node's own result, where its backward formula uses it (exp, tanh); otherwise None."""
    if torch._C._autograd._top_saved_tensors_default_hooks(False) is not None:
        return None  # unpacking would run the program's saved-tensor hooks
    return _read_saved(node, "_saved_result")


def _read_saved(node: Node, attribute: str) -> Tensor | None:
    try:
        saved = getattr(node, attribute, None)
    except RuntimeError:  # freed, or changed in place since it was saved
        return None
    return saved if isinstance(saved, Tensor) else None
