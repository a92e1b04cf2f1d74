"""What a value node says of its tensor: value, shape, dtype, flags."""

from __future__ import annotations

from torch import Tensor

from gradreel.record.autograd_nodes import grad_fn_of, has_tensor_hooks, requires_grad
from gradreel.record.tensor_values import recorded_shape, to_value
from gradreel.record.value_nodes import ValueNode


def describe_tensor(value_node: ValueNode, tensor: Tensor) -> None:
    """Copy value, shape, dtype and flags of `tensor` to its value node."""
    value_node.shape = recorded_shape(tensor)
    value_node.value = to_value(tensor)
    value_node.dtype = str(tensor.dtype).removeprefix("torch.")
    value_node.is_leaf = grad_fn_of(tensor) is None
    value_node.requires_grad = requires_grad(tensor)
    if value_node.is_leaf and has_tensor_hooks(tensor):
        value_node.has_hooks = True
