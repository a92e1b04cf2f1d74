"""Captions said aloud by an offline voice. Standard library only.

    voice = find("espeak-ng:en-gb")
    speech = say(voice, "The slope is −4.", folder)     # a WAV file and its length

A scene takes its voice from GRADREEL_VOICE, as it takes its theme, so that worker processes and
plain `manim` speak alike. Without it nothing is said and no beat is longer.
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
from gradreel.narrate.espeak import EspeakVoice
from gradreel.narrate.text_normalization import normalize

VOICE_VARIABLE = "GRADREEL_VOICE"
DEFAULT_VOICE = "espeak-ng"


class Voice(Protocol):
    """Something that speaks. What it says of the same words must always be the same."""

    @property
    def identity(self) -> str:
        """`name@version`: all that its sound depends on besides the words."""

    def speak(self, words: str, target: Path) -> None:
        """Write `words`, as they are to be read, to `target` as a WAV file."""


VOICE_ENGINES: Mapping[str, Any] = MappingProxyType({"espeak-ng": EspeakVoice})


@dataclass(frozen=True, slots=True)
class Speech:
    """A WAV file and its length in seconds."""

    path: Path
    seconds: float


@cache
def load_voice(text: str) -> Voice:
    """The voice called `text`: a kind, with a variant after a colon, or `file.py:Class`.

    What follows an `@` is the version it had when it was asked for. Raises UsageError for a name
    that is none, SetupError where its program is missing.
    """
    name, _, detail = text.partition("@")[0].rpartition(":")
    if not name:
        name, detail = detail, ""
    if name.endswith(".py"):
        return _of_file(Path(name), detail)
    if name not in VOICE_ENGINES:
        raise unknown_name("voice", name, [*VOICE_ENGINES, "file.py:Class"])
    voice: Voice = VOICE_ENGINES[name](detail)
    return voice


def voice_from_environment() -> Voice | None:
    """The voice of GRADREEL_VOICE, None if nothing is to be said."""
    text = os.environ.get(VOICE_VARIABLE, "")
    return load_voice(text) if text else None


def synthesize(voice: Voice, words: str, folder: Path) -> Speech:
    """`words` of a caption spoken into a file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(f"{voice.identity}\0{words}".encode()).hexdigest()[:16]
    path = folder / f"{name}.wav"
    voice.speak(normalize(words), path)
    try:
        with wave.open(str(path)) as sound:
            return Speech(path, sound.getnframes() / sound.getframerate())
    except (OSError, EOFError, wave.Error) as error:
        told = f"the voice {voice.identity} left no WAV file: {error}."
        raise RenderError(told, where=str(path)) from None


def _of_file(file: Path, name: str) -> Voice:
    """A voice of the user's own, whose version is what stands in its file."""
    spec = importlib.util.spec_from_file_location(f"gradreel_voice_{file.stem}", file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise UsageError("there is no such Python file.", where=f"voice {file}:{name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, name, None)
    if not isinstance(found, type) or not hasattr(found, "speak"):
        kinds = [k for k, v in vars(module).items() if isinstance(v, type) and hasattr(v, "speak")]
        raise unknown_name("voice", name, kinds, where=str(file))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return _Own(f"{file}:{name}@{digest}", found())


@dataclass(frozen=True)
class _Own:
    identity: str
    voice: Any

    def speak(self, words: str, target: Path) -> None:
        self.voice.speak(words, target)
