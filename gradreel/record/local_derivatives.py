"""Local derivatives of scalar operations: the node's own backward formula applied to 1."""

from __future__ import annotations

import torch

from gradreel.record.value_nodes import ValueNode


def compute_local_derivatives(value_node: ValueNode) -> None:
    """Set `local` on the input edges of a scalar value that lead to scalars.

    This must happen before a backward pass frees what the node saved. Nodes of a custom
    autograd.Function are skipped: calling them would run the user's own code a second time.
    """
    node = value_node.node
    if value_node.shape != () or node is None:
        return
    if not any(edge.target.shape == () for edge in value_node.edges):
        return
    if hasattr(node, "apply") or node.name() == "CopySlices":
        return
    if torch._C._autograd._top_saved_tensors_default_hooks(False) is not None:
        return  # unpacking would run the hooks, which may compute or free things
    one = torch.ones((), dtype=getattr(torch, value_node.dtype))
    try:
        with torch.no_grad():
            result = node(one)
    except RuntimeError:
        # What the node saved was changed in place. Torch says so if a backward pass comes here.
        return
    gradients = result if isinstance(result, tuple) else (result,)
    for edge in value_node.edges:
        gradient = gradients[edge.index] if edge.index < len(gradients) else None
        if gradient is not None and gradient.dim() == 0 and edge.target.shape == ():
            edge.local = float(gradient)
