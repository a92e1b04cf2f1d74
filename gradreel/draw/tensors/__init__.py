"""Drawings of tensors: heat maps of values and gradients, and graphs with them on the cards."""

from gradreel.draw.tensors.leaf_shelf import LeafShelf
from gradreel.draw.tensors.least_folded import tensor_graph
from gradreel.draw.tensors.tensor_graph import TensorGraph

__all__ = ["LeafShelf", "TensorGraph", "tensor_graph"]
