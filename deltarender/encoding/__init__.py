"""Frames to files: H.264 and x264 video, GIF, transparent pixels, SVG and PDF, subtitles."""
