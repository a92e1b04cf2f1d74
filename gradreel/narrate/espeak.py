"""The voice that is always to be had: the program espeak-ng."""

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
WORDS_A_MINUTE = "155"
GAP = "2"  # hundredths of a second between words
RESPELLED = (r"\bay\b", "eh")  # the letter, which it would read as "eye"


@dataclass
class EspeakVoice:
    """espeak-ng with one of its own voices, by default American English."""

    variant: str = ""

    def __post_init__(self) -> None:
        self.variant = self.variant or "en-us"
        if shutil.which(PROGRAM) is None:
            raise SetupError(
                f"{PROGRAM} is not installed, which speaks.", hint=f"Run: {install_command()}"
            )
        if self._run("-v", self.variant, "--stdin", "-q", words="a").returncode:
            known = re.findall(r"^ *\d+ +(\S+)", self._run("--voices").stdout.decode(), re.M)
            raise unknown_name("voice of espeak-ng", self.variant, dict.fromkeys(known))

    @cached_property
    def identity(self) -> str:
        """Program, voice and version."""
        told = self._run("--version").stdout.decode(errors="replace")
        version = re.search(r"\d+(\.\d+)+", told)
        return f"{PROGRAM}:{self.variant}@{version.group() if version else 'unknown'}"

    def speak(self, words: str, target: Path) -> None:
        """Write `words` to `target` as a WAV file of 22050 samples a second."""
        given = ("-v", self.variant, "-s", WORDS_A_MINUTE, "-g", GAP, "-w", str(target), "--stdin")
        done = self._run(*given, words=re.sub(*RESPELLED, words))
        if done.returncode:
            told = done.stderr.decode(errors="replace").strip()
            raise RenderError(f"{PROGRAM} could not say {words!r}: {told}")

    def _run(self, *given: str, words: str = "") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([PROGRAM, *given], input=words.encode(), capture_output=True)


def install_command() -> str:
    """The command that installs the program."""
    if platform.system() == "Darwin":
        return "brew install espeak-ng"
    return ("" if os.geteuid() == 0 else "sudo ") + "apt-get install espeak-ng"
