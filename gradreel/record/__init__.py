"""PyTorch -> Tape: runs a program once and writes down what autograd did."""

from gradreel.record.recording import fixed, plain, record

__all__ = ["fixed", "plain", "record"]
