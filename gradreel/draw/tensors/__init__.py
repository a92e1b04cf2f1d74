"""Tensors drawn: heat maps of values and gradients, and the graph of a program that has them."""

from gradreel.draw.tensors.leaf_shelf import LeafShelf
from gradreel.draw.tensors.tensor_graph import TensorGraph, tensor_graph

__all__ = ["LeafShelf", "TensorGraph", "tensor_graph"]
