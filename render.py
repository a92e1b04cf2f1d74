"""Render the scenes of the lecture, or of any Manim file: `python render.py --help`."""

import importlib.util
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    own_python = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if importlib.util.find_spec("click") is None and own_python.exists():
        # Started with another Python than the one of `make setup`: run again with that one.
        os.execv(own_python, [str(own_python), __file__, *sys.argv[1:]])

    from gradreel.cli import main

    main()
