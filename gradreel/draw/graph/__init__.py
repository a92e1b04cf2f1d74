"""The graph of a tape: cards for values, arrows for operations, pulses for gradients."""

from gradreel.draw.graph.tape_graph import TapeGraph

__all__ = ["TapeGraph"]
