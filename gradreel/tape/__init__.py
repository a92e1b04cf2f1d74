"""Tape: what autograd did with one run of a program, as plain numbers.

`gradreel.record` creates tapes, all other packages read them. A tape holds no tensor, and this
package imports the standard library and gradreel.errors alone, so that a tape written as JSON can
be drawn later.

Directions: `Op.inputs` follows the forward pass. An `Edge` follows the gradient, from the op whose
backward node sends it to the op that receives it; `contribution` is what was received.
"""

from gradreel.tape.json_codec import SCHEMA_VERSION
from gradreel.tape.quantity import Quantity, format_number, input_quantity
from gradreel.tape.records import (
    Edge,
    Exit,
    HookCall,
    LeafGrad,
    ModuleCall,
    Op,
    Recorded,
    Seed,
    Step,
    Summary,
    Value,
)
from gradreel.tape.tape import Index, Tape

__all__ = [
    "SCHEMA_VERSION",
    "Edge",
    "Exit",
    "HookCall",
    "Index",
    "LeafGrad",
    "ModuleCall",
    "Op",
    "Quantity",
    "Recorded",
    "Seed",
    "Step",
    "Summary",
    "Tape",
    "Value",
    "format_number",
    "input_quantity",
]
