"""Outputs built from rendered scenes: film, slide deck, single beats, gallery page."""
