"""Frames to files: H.264 by our own encoder or x264, GIF, alpha, vector pictures, subtitles."""
