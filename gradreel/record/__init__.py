"""Records a PyTorch program: runs it once and returns the Tape of what autograd did."""

from gradreel.record import skip_dynamo
from gradreel.record.input_specs import fixed, plain
from gradreel.record.recorder import record

skip_dynamo.install()

__all__ = ["fixed", "plain", "record"]
