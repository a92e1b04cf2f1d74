"""Tensors drawn: heat maps of values and gradients, and the graph of a program that has them."""

from gradreel.draw.tensors.graph import TensorGraph, tensor_graph
from gradreel.draw.tensors.shelf import Shelf

__all__ = ["Shelf", "TensorGraph", "tensor_graph"]
