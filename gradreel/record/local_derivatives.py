"""Local derivatives: what one node alone makes of a gradient of 1."""

from __future__ import annotations

import torch

from gradreel.record.value_nodes import ValueNode


def find_locals(entry: ValueNode) -> None:
    """Fill `local` of the routes of a scalar entry, by its node's own backward formula with g = 1.

    This is done at once, before a backward pass frees what the node saved. Nodes of a custom
    Function are left alone: calling them would run the user's own code a second time.
    """
    node = entry.node
    if entry.shape != () or node is None or not any(r.target.shape == () for r in entry.routes):
        return
    if hasattr(node, "apply") or node.name() == "CopySlices":
        return
    if torch._C._autograd._top_saved_tensors_default_hooks(False) is not None:
        return  # unpacking would run the hooks, which may compute or free things
    one = torch.ones((), dtype=getattr(torch, entry.dtype))
    with torch.no_grad():
        answer = node(one)
    answers = answer if isinstance(answer, tuple) else (answer,)
    for route in entry.routes:
        sent = answers[route.index] if route.index < len(answers) else None
        if sent is not None and sent.dim() == 0 and route.target.shape == ():
            route.local = float(sent)
