"""Records a PyTorch program: runs it once and returns the Tape of what autograd did."""

from gradreel.record import avoid_dynamo_import
from gradreel.record.input_specs import fixed, plain
from gradreel.record.recorder import record

avoid_dynamo_import.install()

__all__ = ["fixed", "plain", "record"]
