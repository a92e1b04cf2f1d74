"""Any Manim scene to a file: whole or not at all, quickly, one process a scene."""
