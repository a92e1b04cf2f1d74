"""The model of this chapter: one weight, one bias and a squared error."""

from __future__ import annotations

from typing import Any

# Those of ThreePillars' parameters.
DEFAULTS = {"w": 0.5, "b": 0.1, "x": 2.0, "target": 1.0}


def program(w: Any, b: Any, x: Any, target: Any) -> Any:
    z = w * x + b
    loss = (z - target) ** 2
    return loss
