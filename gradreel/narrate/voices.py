"""Voices that synthesize captions offline: Piper, espeak-ng, or a class in a user's file.

    voice = load_voice("espeak-ng:en-gb")
    speech = synthesize(voice, "The slope is −4.", folder)     # a WAV file and its length

A scene takes its voice from the variable GRADREEL_VOICE, as it takes its theme, so worker processes
and plain `manim` use the same one. Without the variable there is no speech and no beat gets longer.
What is spoken once is kept: equal words in the same voice are not synthesized again.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from deltarender.atomic_files import atomic_move, open_lock
from gradreel.errors import RenderError, SetupError, UsageError, unknown_name
from gradreel.lecture_environment import VOICE_VARIABLE
from gradreel.narrate import espeak, piper
from gradreel.narrate.text_normalization import normalize
from gradreel.translate.catalogue import current_catalogue

VOICE_FOLDER = Path("voices")  # in the working directory; Piper downloads models into it
FORMAT = "2"  # of the cached files; another one for other processing of the audio


class Voice(Protocol):
    """A speech synthesizer. Equal words must always give equal audio."""

    @property
    def identity(self) -> str:
        """`name@version`: everything that the audio depends on besides the words."""

    def speak(self, words: str, target: Path) -> None:
        """Write the normalized `words` to `target` as a WAV file."""


VOICE_ENGINES: Mapping[str, Any] = MappingProxyType(
    {"piper": piper.PiperVoice, "espeak-ng": espeak.EspeakVoice}
)


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


def installed_voice(language: str = "") -> str:
    """The name of the best voice that is installed, "" if none is.

    `language` is a code such as `de`; without one it is English. A voice of Piper for another
    language is a model in the folder `voices`, named as Piper names it: de_DE-thorsten-medium.onnx.
    """
    if not language and piper.is_installed():
        return "piper"
    models = sorted(VOICE_FOLDER.glob(f"{re.split('[_-]', language)[0]}_*.onnx"))
    if language and models and piper.is_installed(piper.PROGRAM_PACKAGE):
        return f"piper:{models[0]}"
    variant = f":{language}" if language else ""
    return espeak.PROGRAM + variant if shutil.which(espeak.PROGRAM) else ""


def require_installed_voice(language: str = "") -> str:
    """The same, but raises SetupError if none is installed."""
    name = installed_voice(language)
    if not name:
        raise SetupError(
            f"no voice is installed{f' that speaks {language}' if language else ''}.",
            hint=f'Run: pip install "gradreel[narration]"  (or {espeak.install_command()})',
        )
    return name


def voice_from_environment() -> Voice | None:
    """The voice that GRADREEL_VOICE names, or None if it is unset or empty."""
    text = os.environ.get(VOICE_VARIABLE, "")
    return load_voice(text) if text else None


def synthesize(voice: Voice, words: str, folder: Path) -> Speech | None:
    """The `words` of a caption, spoken: a WAV file in `folder`, which is written if it is missing.

    Its loudness is that of `loudness.TARGET_LUFS`. Returns None if there is nothing to say. Raises
    RenderError if the voice does not write a WAV file.
    """
    spoken = normalize(words, current_catalogue().base_language)
    if not re.search(r"\w", spoken):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    key = "\0".join((FORMAT, voice.identity, spoken))
    name = hashlib.sha256(key.encode()).hexdigest()[:24]
    path = folder / f"{name}.wav"
    if not path.is_file():
        # Processes that render parts of one scene say the same words at the same time: the second
        # one waits for the first. There are few lock files, as they stay.
        with open_lock(folder / f"lock-{name[0]}") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.is_file():
                _write_speech(voice, spoken, path)
    with wave.open(str(path)) as sound:
        return Speech(path, sound.getnframes() / sound.getframerate())


def _write_speech(voice: Voice, spoken: str, path: Path) -> None:
    from gradreel.narrate.loudness import normalize_loudness  # loads numpy and FFmpeg

    raw, even = (path.with_name(f".{path.stem}.{kind}.wav") for kind in ("raw", "even"))
    try:
        voice.speak(spoken, raw)
        try:
            with wave.open(str(raw)) as sound:
                sound.getnframes()
        except (OSError, EOFError, wave.Error) as error:
            message = f"the voice {voice.identity} did not write a WAV file: {error}."
            raise RenderError(message, where=str(raw)) from None
        normalize_loudness(raw, even)
        atomic_move(even, path)
    finally:
        for file in (raw, even):
            file.unlink(missing_ok=True)


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
    try:
        return _UserVoice(f"{file}:{name}@{digest}", cls())
    except Exception as error:
        raise UsageError(
            f"a {name} cannot be made: {type(error).__name__}: {error}.", where=f"voice {file}",
            hint=f"A voice is made without arguments: {name}(). Give each of them a default, or "
            "make a class without.",
        ) from None  # fmt: skip


@dataclass(frozen=True)
class _UserVoice:
    identity: str
    voice: Any

    def speak(self, words: str, target: Path) -> None:
        self.voice.speak(words, target)
