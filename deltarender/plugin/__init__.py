"""The Manim plugin: what `manim` renders, with this package's drawing and encoder."""
