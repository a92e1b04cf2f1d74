"""PyTorch -> Tape: runs a program once and writes down what autograd did."""

from gradreel.record import uncompiled
from gradreel.record.given import fixed, plain
from gradreel.record.recording import record

uncompiled.install()

__all__ = ["fixed", "plain", "record"]
