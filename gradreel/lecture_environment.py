"""Environment variables that set a scene's theme, captions and voice. Standard library only.

Scenes read these variables, so that a setting reaches worker processes and plain `manim` alike.
"""

from __future__ import annotations

THEME_VARIABLE = "GRADREEL_THEME"
"""`dark` or `light`; dark when unset."""

CAPTIONS_VARIABLE = "GRADREEL_CAPTIONS"
"""`off` draws no captions; they are still written to the subtitles."""

VOICE_VARIABLE = "GRADREEL_VOICE"
"""The voice that reads the captions aloud, such as `espeak-ng`; none when unset or empty."""


def lecture_environment(*, theme: str, captions: bool, voice: str = "") -> dict[str, str]:
    """The variables to set for a scene, by name."""
    return {
        THEME_VARIABLE: theme,
        CAPTIONS_VARIABLE: "on" if captions else "off",
        VOICE_VARIABLE: voice,
    }
