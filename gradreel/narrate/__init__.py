"""Captions spoken aloud: text normalization, voices, and their WAV files."""
