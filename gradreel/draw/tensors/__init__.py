"""Drawings of tensors: heat maps of values and gradients, and graphs with them on the cards."""

from gradreel.draw.tensors.leaf_shelf import LeafShelf
from gradreel.draw.tensors.tensor_graph import TensorGraph, tensor_graph

__all__ = ["LeafShelf", "TensorGraph", "tensor_graph"]
