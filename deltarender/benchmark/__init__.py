"""Benchmarks: against stock Manim, against encoding alone, and on a Dask cluster."""
