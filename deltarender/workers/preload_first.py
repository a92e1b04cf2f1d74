"""In the process that workers are forked from, first of all: what would disturb its imports.

Warnings stay warnings: whoever makes them into errors (`-W error`, PYTHONWARNINGS) means their own
code; the libraries that Manim imports do not get through that. Nothing of what is imported is ever
garbage; looking for it would take a sixth of the time. Workers look again, at their own.
"""

from __future__ import annotations

import gc
import os
import warnings

gc.disable()

if any(action == "error" for action, *_ in warnings.filters):
    warnings.simplefilter("default")
    warnings.simplefilter("ignore", DeprecationWarning)

# Meant for this process only; programs that a scene starts look for modules as they always do.
os.environ.pop("PYTHONSAFEPATH", None)
