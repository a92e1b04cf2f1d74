"""Scenes that stay open: a scene is played once, and any of its states is drawn on request."""
