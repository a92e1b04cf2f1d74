"""The second voice: the program espeak-ng, which works offline and needs no model."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gradreel.errors import RenderError, SetupError, unknown_name

PROGRAM = "espeak-ng"
DEFAULT_VARIANT = "en-us"
WORDS_PER_MINUTE = "155"
WORD_GAP = "2"  # hundredths of a second
RESPELLING = (r"\bay\b", "eh")  # espeak-ng reads "ay" as "eye"; the letter A is meant


@dataclass
class EspeakVoice:
    """espeak-ng with one of its own voices, by default American English.

    Raises SetupError if the program is missing, and UsageError for an unknown voice.
    """

    variant: str = ""

    def __post_init__(self) -> None:
        self.variant = self.variant or DEFAULT_VARIANT
        if shutil.which(PROGRAM) is None:
            raise SetupError(
                f"{PROGRAM}, which speaks the captions, is not installed.",
                hint=f"Run: {install_command()}",
            )
        if self._run("-v", self.variant, "--stdin", "-q", words="a").returncode:
            known = re.findall(r"^ *\d+ +(\S+)", self._run("--voices").stdout.decode(), re.M)
            raise unknown_name("voice of espeak-ng", self.variant, dict.fromkeys(known))

    @cached_property
    def identity(self) -> str:
        """Program, voice and version."""
        output = self._run("--version").stdout.decode(errors="replace")
        version = re.search(r"\d+(\.\d+)+", output)
        return f"{PROGRAM}:{self.variant}@{version.group() if version else 'unknown'}"

    def speak(self, words: str, target: Path) -> None:
        """Write `words` to `target` as a WAV file of 22050 samples per second."""
        options = ("-v", self.variant, "-s", WORDS_PER_MINUTE, "-g", WORD_GAP)
        done = self._run(*options, "-w", str(target), "--stdin", words=re.sub(*RESPELLING, words))
        if done.returncode:
            message = done.stderr.decode(errors="replace").strip()
            raise RenderError(f"{PROGRAM} could not say {words!r}: {message}")

    def _run(self, *arguments: str, words: str = "") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([PROGRAM, *arguments], input=words.encode(), capture_output=True)


def install_command() -> str:
    """The command that installs the program on this system."""
    if platform.system() == "Darwin":
        return "brew install espeak-ng"
    return ("" if os.geteuid() == 0 else "sudo ") + "apt-get install espeak-ng"
