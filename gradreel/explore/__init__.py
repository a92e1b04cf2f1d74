"""Scenes to touch: the studio in the browser, and pages of recorded states."""
