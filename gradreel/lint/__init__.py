"""Checks of what a viewer sees: whether each picture is legible, and each number true.

`layout_faults(scene, beat)` can be one of a scene's `beat_observers`: it checks the picture at the
end of a beat. `motion_check(scene)` is an observer of every frame. Both examine mobjects, never
pixels, so they need no rendering. Lengths are in frame units; letter heights are reported in pixels
of a 1080p picture.
"""

from gradreel.lint.layout_checks import ADVICE, FAULT_KINDS, LayoutFault, layout_faults
from gradreel.lint.motion_check import MOTION_KINDS, motion_check

__all__ = [
    "ADVICE",
    "FAULT_KINDS",
    "MOTION_KINDS",
    "LayoutFault",
    "layout_faults",
    "motion_check",
]
