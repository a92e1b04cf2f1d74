"""What is to be rendered, how, and where it goes. Standard library only.

    Job(Target(Path("scenes/chain_rule/chain_rule.py"), "ChainRule", "ChainRule"), Profile.of("h"))

A Job is all that travels to a worker process or to another machine.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from deltarender.errors import UsageError, unknown_name

Size = tuple[int, int, float]

QUALITIES: Mapping[str, Size] = MappingProxyType(
    {
        "l": (854, 480, 15),
        "m": (1280, 720, 30),
        "h": (1920, 1080, 60),
        "p": (2560, 1440, 60),
        "k": (3840, 2160, 60),
        "low": (854, 480, 15),
        "medium": (1280, 720, 30),
        "high": (1920, 1080, 60),
        "2k": (2560, 1440, 60),
        "4k": (3840, 2160, 60),
    }
)
FORMATS = ("mp4", "webm", "mov", "gif", "png")
VECTORS = ("svg", "pdf")  # of stills only
THEMES = ("dark", "light")
ENCODINGS = ("fast", "small")


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """Everything about the picture and its file that is the same for a whole batch.

    `width` and `height` are pixels, `fps` frames a second; `voice` is the identity of the one that
    says the captions, "" for none. Raises UsageError for what no file can be.
    """

    width: int
    height: int
    fps: float
    theme: str = "dark"
    captions: bool = True
    format: str = "mp4"
    transparent: bool = False
    encode: str = "fast"
    voice: str = ""

    def __post_init__(self) -> None:
        for kind, given, valid in (
            ("format", self.format, (*FORMATS, *VECTORS)),
            ("theme", self.theme, THEMES),
            ("encoding", self.encode, ENCODINGS),
        ):
            if given not in valid:
                raise unknown_name(kind, given, valid)
        if not (0 < self.width <= 16384 and 0 < self.height <= 16384):
            raise UsageError(
                f"a picture of {self.width}x{self.height} pixels cannot be made.",
                hint="Give a width and a height between 1 and 16384.",
            )
        if not 0 < self.fps <= 1000:
            raise UsageError(f"{self.fps:g} frames a second cannot be made.")
        if self.format == "mp4" and (self.width % 2 or self.height % 2):
            raise UsageError(
                f"an MP4 cannot be {self.width}x{self.height}: H.264 needs even sizes.",
                hint="Choose an even width and height, or another --format.",
            )
        if self.transparent and self.format == "mp4":
            raise UsageError(
                "an MP4 cannot be transparent.", hint="Add --format mov, webm, gif or png."
            )

    @classmethod
    def of(
        cls,
        quality: str = "h",
        *,
        fps: float | None = None,
        resolution: tuple[int, int] | None = None,
        **rest: Any,
    ) -> RenderSettings:
        """A profile from a quality's name, with its size or rate replaced where given."""
        if quality not in QUALITIES:
            raise unknown_name("quality", quality, QUALITIES)
        width, height, usual = QUALITIES[quality]
        width, height = resolution or (width, height)
        return cls(width, height, usual if fps is None else fps, **rest)

    @property
    def name(self) -> str:
        """Size, rate and looks as a folder name: `1080p60`, `960x720p30-light`, `480p15-plain`."""
        wide = {round(self.height * 16 / 9), 2 * round(self.height * 8 / 9)}
        size = f"{self.height}" if self.width in wide else f"{self.width}x{self.height}"
        looks = [
            "light" if self.theme == "light" else "",
            "" if self.captions else "plain",
            "transparent" if self.transparent else "",
            _plain(self.voice.partition("@")[0]),
        ]
        return "-".join([f"{size}p{self.fps:g}", *filter(None, looks)])

    @property
    def fast_path(self) -> bool:
        """Whether our own encoder makes the file; Manim's writer makes the others."""
        return self.format == "mp4" and not self.transparent


@dataclass(frozen=True, slots=True)
class SceneRef:
    """A scene class in a file; `name` is what its output files are called."""

    file: Path
    cls: str
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Job:
    """One scene to be rendered one way; its output paths follow from it."""

    target: SceneRef
    profile: RenderSettings
    params: tuple[tuple[str, str], ...] = ()
    media_dir: Path = field(default=Path("media"))

    def __str__(self) -> str:
        return self.stem

    @property
    def stem(self) -> str:
        """The files' name without an ending: the scene, and its parameters where some are set."""
        return self.target.name + _suffix(self.params)

    @property
    def folder(self) -> Path:
        """Where the video and what belongs to it lie."""
        return self.media_dir / "videos" / self.profile.name

    @property
    def video(self) -> Path:
        """The result; a PNG is the last frame, as in Manim."""
        return self.folder / f"{self.stem}.{self.profile.format}"

    @property
    def manifest(self) -> Path:
        """Beats, captions, numbers on screen, inputs, encoder and fingerprint, as JSON.

        Other formats than MP4 have theirs apart (`Scene.gif.json`), so that each is known as
        fresh by its own.
        """
        if self.profile.format == "mp4":
            return self.folder / f"{self.stem}.json"
        return self.folder / f"{self.stem}.{self.profile.format}.json"

    @property
    def srt(self) -> Path:
        """The captions as SubRip."""
        return self.folder / f"{self.stem}.srt"

    @property
    def vtt(self) -> Path:
        """The captions as WebVTT."""
        return self.folder / f"{self.stem}.vtt"

    @property
    def still_format(self) -> str:
        """What a still is written as: png unless it is a vector picture."""
        return self.profile.format if self.profile.format in VECTORS else "png"

    @property
    def stills(self) -> Path:
        """The folder of one picture a beat."""
        kind = "" if self.still_format == "png" else f"-{self.still_format}"
        return self.media_dir / "stills" / self.profile.name / (self.stem + kind)

    @property
    def log(self) -> Path:
        """What the scene and Manim said while rendering."""
        return (
            self.media_dir / "logs" / self.profile.name / f"{self.stem}.{self.profile.format}.log"
        )

    @property
    def scratch(self) -> Path:
        """The parent of temporary folders, on the same file system as the results."""
        return self.media_dir / ".scratch"

    def with_name(self, name: str) -> Job:
        """The same job under another name."""
        return replace(self, target=replace(self.target, name=name))


def dedupe_jobs(jobs: list[Job]) -> list[Job]:
    """`jobs` with scenes of one name from several files told apart by their file's name."""
    seen: dict[Path, Job] = {}
    result = []
    for job in jobs:
        first = seen.get(job.video)
        if first is not None and first.target.file != job.target.file:
            job = job.with_name(f"{job.target.name}-{_plain(job.target.file.stem)}")
            if job.video in seen and seen[job.video].target.file != job.target.file:
                digest = hashlib.sha256(str(job.target.file.resolve()).encode()).hexdigest()
                job = job.with_name(f"{job.target.name}-{digest[:6]}")
        if job.video not in seen:
            seen[job.video] = job
            result.append(job)
    return result


def _suffix(params: tuple[tuple[str, str], ...]) -> str:
    """Parameters as part of a file name: readable, and different for different values."""
    if not params:
        return ""
    told = "_".join(f"{name}-{value}" for name, value in sorted(params))
    short = _plain(told)[:48].rstrip("-.")
    if short == told == told.lower() and "_" not in "".join(value for _, value in params):
        return f"_{short}"
    # What was left out, or reads the same on a disk that ignores case, is told apart by a digest.
    exact = "\0".join(f"{name}={value}" for name, value in sorted(params))
    return f"_{short}_{hashlib.sha256(exact.encode()).hexdigest()[:6]}"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")
