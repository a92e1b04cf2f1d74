"""Voices that synthesize captions offline: espeak-ng, or a class in a user's file.

    voice = load_voice("espeak-ng:en-gb")
    speech = synthesize(voice, "The slope is −4.", folder)     # a WAV file and its length

A scene takes its voice from the variable GRADREEL_VOICE, as it takes its theme, so worker processes
and plain `manim` use the same one. Without the variable there is no speech and no beat gets longer.
This module imports the standard library alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from gradreel.errors import RenderError, UsageError, unknown_name
from gradreel.lecture_environment import VOICE_VARIABLE
from gradreel.narrate.espeak import EspeakVoice
from gradreel.narrate.text_normalization import normalize

DEFAULT_VOICE = "espeak-ng"


class Voice(Protocol):
    """A speech synthesizer. Equal words must always give equal audio."""

    @property
    def identity(self) -> str:
        """`name@version`: everything that the audio depends on besides the words."""

    def speak(self, words: str, target: Path) -> None:
        """Write the normalized `words` to `target` as a WAV file."""


VOICE_ENGINES: Mapping[str, Any] = MappingProxyType({"espeak-ng": EspeakVoice})


@dataclass(frozen=True, slots=True)
class Speech:
    """A WAV file and its length in seconds."""

    path: Path
    seconds: float


@cache
def load_voice(text: str) -> Voice:
    """The voice called `text`: an engine, with a variant after a colon, or `file.py:Class`.

    A version after `@`, as an identity has it, is ignored. Raises UsageError for an unknown name,
    and SetupError if the program of the engine is missing.
    """
    name, _, detail = text.partition("@")[0].rpartition(":")
    if not name:
        name, detail = detail, ""
    if name.endswith(".py"):
        return _voice_from_file(Path(name), detail)
    if name not in VOICE_ENGINES:
        raise unknown_name("voice", name, [*VOICE_ENGINES, "file.py:Class"])
    voice: Voice = VOICE_ENGINES[name](detail)
    return voice


def voice_from_environment() -> Voice | None:
    """The voice that GRADREEL_VOICE names, or None if it is unset or empty."""
    text = os.environ.get(VOICE_VARIABLE, "")
    return load_voice(text) if text else None


def synthesize(voice: Voice, words: str, folder: Path) -> Speech:
    """Speak the `words` of a caption into a WAV file in `folder`.

    Raises RenderError if the voice does not write a WAV file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(f"{voice.identity}\0{words}".encode()).hexdigest()[:16]
    path = folder / f"{name}.wav"
    voice.speak(normalize(words), path)
    try:
        with wave.open(str(path)) as sound:
            return Speech(path, sound.getnframes() / sound.getframerate())
    except (OSError, EOFError, wave.Error) as error:
        message = f"the voice {voice.identity} did not write a WAV file: {error}."
        raise RenderError(message, where=str(path)) from None


def _voice_from_file(file: Path, name: str) -> Voice:
    """A voice of the user's own; its version is a digest of the file."""
    spec = importlib.util.spec_from_file_location(f"gradreel_voice_{file.stem}", file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise UsageError("there is no such Python file.", where=f"voice {file}:{name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cls = getattr(module, name, None)
    if not isinstance(cls, type) or not hasattr(cls, "speak"):
        valid = [k for k, v in vars(module).items() if isinstance(v, type) and hasattr(v, "speak")]
        raise unknown_name("voice", name, valid, where=str(file))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return _UserVoice(f"{file}:{name}@{digest}", cls())


@dataclass(frozen=True)
class _UserVoice:
    identity: str
    voice: Any

    def speak(self, words: str, target: Path) -> None:
        self.voice.speak(words, target)
