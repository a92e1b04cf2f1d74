"""Folded graphs of large tapes: stacks of cards for folds, and transitions into and out of them."""

from gradreel.draw.folded.folded_graph import FoldedGraph, FoldInterior, readable_graph

__all__ = ["FoldInterior", "FoldedGraph", "readable_graph"]
