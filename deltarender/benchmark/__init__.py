"""This renderer against stock Manim, against encoding alone, and on a cluster."""
