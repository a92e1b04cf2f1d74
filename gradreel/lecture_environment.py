"""Names of the environment variables for a scene's theme, captions, voice and language.

Scenes read these variables, so that a setting reaches worker processes and plain `manim` alike.
`gradreel.lecture_settings` sets them for a render. Standard library only.
"""

from __future__ import annotations

THEME_VARIABLE = "GRADREEL_THEME"
"""`dark` or `light`; dark when unset."""

CAPTIONS_VARIABLE = "GRADREEL_CAPTIONS"
"""`off` draws no captions; they are still written to the subtitles."""

CAPTION_TEXTS_VARIABLE = "GRADREEL_CAPTION_TEXTS"
"""A JSON object: lists of texts that replace the captions of the beats with these names."""

VOICE_VARIABLE = "GRADREEL_VOICE"
"""The voice that reads the captions aloud, such as `espeak-ng`; none when unset or empty."""

LANGUAGE_VARIABLE = "GRADREEL_LANGUAGE"
"""The catalogue, a PO file, that replaces the sentences of scenes; none when unset or empty."""
