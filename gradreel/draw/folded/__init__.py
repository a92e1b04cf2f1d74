"""Large graphs: stacks of cards for what is folded, and the way into them and out."""

from gradreel.draw.folded.folded_graph import FoldedGraph, FoldInterior, readable_graph

__all__ = ["FoldedGraph", "FoldInterior", "readable_graph"]
