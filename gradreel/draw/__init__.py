"""Manim mobjects that draw recordings. Their verbs return animations; they never call `play`."""
