"""Layout checks: whether the picture at the end of each beat is legible.

`layout_faults(scene, beat)` can be one of a scene's `beat_observers`. It examines mobjects, never
pixels, so it needs no rendering. Lengths are in frame units; letter heights are reported in pixels
of a 1080p picture.
"""

from gradreel.lint.checks import FAULT_KINDS, LayoutFault, layout_faults

__all__ = ["FAULT_KINDS", "LayoutFault", "layout_faults"]
