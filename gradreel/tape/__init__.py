"""What autograd did, written down: ops, edges, steps, and the numbers on them.

A Tape is made by `gradreel.record` and read by everything else. It holds no tensor and imports
nothing but the standard library, so a tape written as JSON today can be drawn next year.

Directions. `Op.inputs` follows the forward pass. An `Edge` runs the way the gradient runs: from
the op whose backward node sends, to the op that receives; `contribution` is what arrived there.
"""

from gradreel.tape.json_codec import SCHEMA_VERSION
from gradreel.tape.quantity import Quantity, format_number
from gradreel.tape.records import Edge, LeafGrad, Op, Step, Value
from gradreel.tape.tape import Index, Tape

__all__ = [
    "SCHEMA_VERSION",
    "Edge",
    "Index",
    "LeafGrad",
    "Op",
    "Quantity",
    "Step",
    "Tape",
    "Value",
    "format_number",
]
