"""What can be learnt from one autograd node or one tensor alone."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

import torch
from torch import Tensor

from gradreel.record.value_nodes import Node


def node_name(node: Node) -> str:
    """What PyTorch prints as the grad_fn: MulBackward0, CopySlices."""
    return str(node.name()).rsplit("::", 1)[-1]


def is_leaf_node(node: Node) -> bool:
    """Is this the node that adds to a leaf's `.grad`?"""
    return hasattr(node, "variable")


def postorder(root: Node, known: Container[int]) -> list[Node]:
    """The nodes from `root` down whose id is not `known`, each after the nodes it leads to.

    Walked with a stack: recursion would end at a few thousand nodes.
    """
    order: list[Node] = []
    done: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in done and id(node) not in known:
            done.add(id(node))
            stack.append((node, True))
            behind = [following for following, _ in node.next_functions if following is not None]
            stack.extend((following, False) for following in reversed(behind))
    return order


def version(tensor: Tensor) -> int:
    """PyTorch's count of in-place changes; inference tensors keep none."""
    return -1 if tensor.is_inference() else tensor._version


def storage(tensor: Tensor) -> int:
    """The address of the memory that a tensor shares with its views; 0 if it has none."""
    try:
        return tensor.untyped_storage().data_ptr()
    except (RuntimeError, NotImplementedError):  # sparse tensors have no storage of their own
        return 0


def bases_of(tensors: Iterable[Tensor]) -> dict[tuple[int, int], Tensor]:
    """What the tensors are views of: writing to a view makes a new node for the whole."""
    bases = [tensor._base for tensor in tensors if tensor._base is not None]
    return {(id(b.grad_fn), b.output_nr): b for b in bases if b.grad_fn is not None}


def has_hooks(leaf: Tensor) -> bool:
    """Did the program hang hooks on a leaf, which may change its gradient?"""
    return bool(leaf._backward_hooks or getattr(leaf, "_post_accumulate_grad_hooks", None))


def saved_by(node: Node) -> Iterator[Tensor]:
    """The tensors that a node keeps for its backward formula."""
    for name in dir(node):
        if name.startswith("_saved_"):
            saved = _saved(node, name)
            if saved is not None:
                yield saved


def saved_result(node: Node) -> Tensor | None:
    """The node's own result, where its formula wants it (exp, tanh)."""
    if torch._C._autograd._top_saved_tensors_default_hooks(False) is not None:
        return None  # unpacking would run the program's hooks
    return _saved(node, "_saved_result")


def _saved(node: Node, name: str) -> Tensor | None:
    try:
        saved = getattr(node, name, None)
    except RuntimeError:  # freed, or changed in place since: then there is nothing to learn
        return None
    return saved if isinstance(saved, Tensor) else None
