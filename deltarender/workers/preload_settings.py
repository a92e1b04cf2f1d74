"""The first import of the process from which workers are forked: settings for the other imports.

Warnings turned into errors (`-W error`, PYTHONWARNINGS) are meant for the user's own code. The
libraries that Manim imports would fail with them, so they become warnings again. Garbage collection
is off during imports, which create no garbage: it would take a sixth of the time. Workers turn it
on again.
"""

from __future__ import annotations

import gc
import os
import warnings

gc.disable()

if any(action == "error" for action, *_ in warnings.filters):
    warnings.simplefilter("default")
    warnings.simplefilter("ignore", DeprecationWarning)

# For this process only: programs started by a scene look for modules as usual.
os.environ.pop("PYTHONSAFEPATH", None)
