"""Render the scenes of the lecture, or of any Manim file: `python render.py --help`."""

import importlib.util
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    own = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if importlib.util.find_spec("click") is None and own.exists():
        # Called with another Python than the one that make has set up: hand over to that one.
        os.execv(own, [str(own), __file__, *sys.argv[1:]])

    from gradreel.cli import main

    main()
