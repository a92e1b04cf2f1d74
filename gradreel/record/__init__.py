"""PyTorch -> Tape: runs a program once and writes down what autograd did."""

from gradreel.record.given import fixed, plain
from gradreel.record.recording import record

__all__ = ["fixed", "plain", "record"]
