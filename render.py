"""Render the scenes of the lecture, or of any Manim file: `python render.py --help`."""

import importlib.util
import os
import signal
import sys
from pathlib import Path

# What every command needs; torch and the like are asked for where they are needed.
NEEDED = ("click", "rich", "srt", "manim", "av", "numpy")


def run() -> None:
    """Run the command line with a Python that has what it needs, or say what is missing."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    own_python = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if missing and own_python.exists() and Path(sys.prefix).resolve() != own_python.parents[1]:
        # Started with another Python than the one of `make setup`: run again with that one.
        os.execv(own_python, [str(own_python), __file__, *sys.argv[1:]])
    if missing:
        print(
            f"Error: {sys.executable} has no {', '.join(missing)}.\n"
            "Run `make setup` here; render.py then uses the Python of .venv.",
            file=sys.stderr,
        )
        sys.exit(1)

    from gradreel.cli import main

    main()


if __name__ == "__main__":
    # Until the command line is imported, SIGTERM is told as Ctrl-C is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)
