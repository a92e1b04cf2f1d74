"""In the process that workers are forked from, first of all: warnings stay warnings, among others.

Whoever makes them into errors (`-W error`, PYTHONWARNINGS) means their own code; the libraries that
Manim imports do not get through that.
"""

from __future__ import annotations

import os
import warnings

if any(action == "error" for action, *_ in warnings.filters):
    warnings.simplefilter("default")
    warnings.simplefilter("ignore", DeprecationWarning)

# Meant for this process only; programs that a scene starts look for modules as they always do.
os.environ.pop("PYTHONSAFEPATH", None)
