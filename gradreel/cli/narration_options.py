"""Whether captions are spoken, and by which voice: options of film and lint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from deltarender.option_sources import is_default
from gradreel.cli.option_types import Decorator, option_group
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings


@dataclass(frozen=True, slots=True)
class NarrationOptions:
    """Whether captions are spoken, None where nothing was said, and the name of the voice."""

    narrate: bool | None = None
    voice: str | None = None

    def chosen_voice(self, from_file: Mapping[str, Any], language: str) -> tuple[str, str]:
        """The identity of the voice that narrates, "" for none, and a note for the user, or "".

        `from_file` holds the keys of the lecture file. Without a choice there or here it is an
        installed voice for `language`, a catalogue's code ("" for English).

        Raises UsageError, or SetupError for a voice that is not installed.
        """
        from gradreel.narrate import voices

        if self.narrate is False:
            if self.voice:
                raise UsageError("a silent film has no voice.", where="--voice")
            return "", ""
        name = self.voice or from_file.get("voice", "")
        if not name and self.narrate:
            name = voices.require_installed_voice(language)
        elif not name and "voice" not in from_file:
            name = voices.installed_voice(language)
            if not name:
                hint = "--voice" if language else 'pip install "gradreel[narration]", or --voice'
                return "", f"no voice is installed for it: the film is silent. See {hint}."
        return (voices.load_voice(name).identity if name else ""), ""


def with_voice(
    settings: LectureSettings, voice: str, from_file: Mapping[str, Any]
) -> LectureSettings:
    """`settings` of a film that `voice` narrates, or of a silent one if it is "".

    Captions are drawn in a silent film only, unless an option or the lecture file says otherwise.
    """
    if is_default("captions") and "captions" not in from_file:
        settings = replace(settings, captions=not voice)
    return replace(settings, voice=voice)


def narration_options(default: str) -> Decorator:
    """The options of NarrationOptions as `narration`; `default` says what holds without them."""
    return option_group(
        "narration", NarrationOptions,
        click.option(
            "--narrate/--no-narrate", " /--silent", "narrate", default=None,
            help=f"have the captions spoken, or else drawn  [default: {default}]",
        ),
        click.option(
            "--voice", metavar="NAME", default=None,
            help="narrate with piper, piper:model.onnx, espeak-ng, espeak-ng:en-gb, or "
            "file.py:Class of your own",
        ),
    )  # fmt: skip
