"""A fast renderer for Manim scenes: one process per scene, files that are complete or absent."""
