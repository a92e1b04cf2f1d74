"""Scenes of many kinds, as Manim users write them, for `bench --set`.

Each file has one class. None needs LaTeX, except that of latex.py, which is left out without it.
"""
