"""Measurements by PyTorch for several chapters; results are frozen dataclasses of Quantities."""
