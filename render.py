"""Render the scenes of the lecture, or of any Manim file: `python render.py --help`."""

from gradreel.cli import main

if __name__ == "__main__":
    main()
