"""Whether a beat can be read: checks on the picture as it stands at the end of each beat.

`faults(scene, beat)` is a watcher: it looks at the mobjects, never at pixels, so that it needs no
rendering. Lengths are frame units; sizes are told in pixels of a 1080p picture.
"""

from gradreel.lint.checks import FAULT_KINDS, LayoutFault, layout_faults

__all__ = ["FAULT_KINDS", "LayoutFault", "layout_faults"]
