"""The kinds of faults in motion that scenes of the lecture still have.

The list only shrinks: a scene that is told anew loses its entry, and `lint` then holds it to all
checks. `lint --known` lists the faults themselves, with the seconds.
"""

from __future__ import annotations

from collections.abc import Mapping

OUTSIDE = "outside"
OVERLAP = "overlap"
COVERED = "covered"
SUDDEN = "sudden"
STILL = "still"
NUMBER = "number not shown"

KNOWN_FAULTS: Mapping[str, tuple[str, ...]] = {}
