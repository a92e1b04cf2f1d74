"""Render settings of lecture scenes: theme, captions, voice, language; passed as environment.

The variables reach worker processes of the renderer, which knows nothing of themes or voices, and
work with plain `manim` as well. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from deltarender.errors import unknown_name
from deltarender.jobs import Job, RenderSettings
from gradreel.lecture_environment import (
    CAPTION_TEXTS_VARIABLE,
    CAPTIONS_VARIABLE,
    LANGUAGE_VARIABLE,
    THEME_VARIABLE,
    VOICE_VARIABLE,
)

THEMES = ("dark", "light")
BeatTexts = tuple[tuple[str, tuple[str, ...]], ...]
"""Texts by names of beats: one, or one for each passage of the beat."""
# The libraries that each scene of this package imports, whatever it shows.
PRELOAD = ("torch", "pydantic.main", "pydantic.types", "pydantic.functional_validators")


@dataclass(frozen=True, slots=True)
class LectureSettings(RenderSettings):
    """Render settings with a theme, captions drawn or not, a voice, and a language.

    `voice` is the identity of the voice that speaks the captions, "" for none. `language` is the
    path of a catalogue that replaces the sentences of scenes, "" for none. `caption_texts` replace
    captions of one scene. `environment` and `variant` of the base follow from these.
    """

    theme: str = "dark"
    captions: bool = True
    voice: str = ""
    language: str = ""
    caption_texts: BeatTexts = ()

    def __post_init__(self) -> None:
        if self.theme not in THEMES:
            raise unknown_name("theme", self.theme, THEMES)
        variables: tuple[tuple[str, str], ...] = (
            (THEME_VARIABLE, self.theme),
            (CAPTIONS_VARIABLE, "on" if self.captions else "off"),
            (VOICE_VARIABLE, self.voice),
            (LANGUAGE_VARIABLE, self.language),
        )
        if self.caption_texts:
            variables += ((CAPTION_TEXTS_VARIABLE, self._caption_texts_json()),)
        parts = (
            "light" if self.theme == "light" else "",
            "" if self.captions else "plain",
            self.voice.partition("@")[0],
            self.language.rpartition("/")[2].removesuffix(".po"),
        )
        object.__setattr__(self, "environment", variables)
        object.__setattr__(self, "variant", "-".join(filter(None, parts)))
        RenderSettings.__post_init__(self)

    @property
    def suffix(self) -> str:
        """The part of file names that tells a scene with other captions apart."""
        base = RenderSettings.suffix.__get__(self)
        if not self.caption_texts:
            return str(base)
        digest = hashlib.sha256(self._caption_texts_json().encode()).hexdigest()
        return f"{base}_said-{digest[:6]}"

    def _caption_texts_json(self) -> str:
        return json.dumps(dict(self.caption_texts), ensure_ascii=False)


def modules_to_preload(job: Job) -> Sequence[str]:
    """What the workers of a scene import once: torch, where its file mentions it or this package.

    Libraries only: from what a scene itself imports, it is known which files it depends on.
    """
    with suppress(OSError):
        text = job.target.file.read_text(errors="replace")
        if "gradreel" in text:
            return PRELOAD
        if "torch" in text:
            return ("torch",)
    return ()
