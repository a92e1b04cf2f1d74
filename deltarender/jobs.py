"""What to render, with which settings, and the paths of its outputs. Standard library only.

    Job(SceneRef(Path("film.py"), "Main", "Main"), RenderSettings.of("h"))

A Job is plain data: it is sent to worker processes and to other machines.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

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

CACHE_VARIABLE = "DELTARENDER_CACHE"
"""The environment variable by which a scene finds the cache folder while it is rendered.

What a scene keeps there survives the render, and does not count as a file that it depends on.
"""
PRORES = "prores"
ENCODINGS = ("fast", "small", PRORES)
ALL_ANIMATIONS = (0, -1)
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}|[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """Picture and file settings that are the same for a whole batch.

    `width` and `height` are in pixels, `fps` in frames per second. `environment` holds variables
    that are set in the process of each scene, such as a theme that the scene reads, and `variant`
    is the part of the output folder's name that tells pictures with other variables apart.
    `background` is a color by name or #RRGGBB, "" for that of the scene or of Manim. `animations`
    are the numbers of the first and the last animation that are shown; -1 is the last of the scene.
    Raises UsageError for a combination that no file can have.
    """

    width: int
    height: int
    fps: float
    format: str = "mp4"
    transparent: bool = False
    encode: str = "fast"
    environment: tuple[tuple[str, str], ...] = ()
    variant: str = ""
    background: str = ""
    animations: tuple[int, int] = ALL_ANIMATIONS

    def __post_init__(self) -> None:
        for kind, name, valid in (
            ("format", self.format, (*FORMATS, *VECTORS)),
            ("encoding", self.encode, ENCODINGS),
        ):
            if name not in valid:
                raise unknown_name(kind, name, valid)
        if not (0 < self.width <= 16384 and 0 < self.height <= 16384):
            raise UsageError(
                f"a picture of {self.width}x{self.height} pixels cannot be rendered.",
                hint="Give a width and a height between 1 and 16384.",
            )
        if not 0 < self.fps <= 1000:
            raise UsageError(f"{self.fps:g} frames per second cannot be rendered.")
        if self.background and not _COLOR.fullmatch(self.background):
            raise UsageError(
                f"{self.background!r} is not a color.", hint="Write for example #ece6e2, or WHITE."
            )
        first, last = self.animations
        if first < 0 or (last != -1 and last < first):
            raise UsageError(f"there are no animations from {first} to {last}.")
        if self.format == "mp4" and (self.width % 2 or self.height % 2):
            raise UsageError(
                f"an MP4 cannot be {self.width}x{self.height}: H.264 needs even sizes.",
                hint="Choose an even width and height, or another --format.",
            )
        if self.transparent and self.format == "mp4":
            raise UsageError(
                "an MP4 cannot be transparent.", hint="Add --format mov, webm, gif or png."
            )

        if self.encode == PRORES and self.format != "mov":
            raise UsageError(f"ProRes is not stored in {self.format}.", hint="Add --format mov.")

    @classmethod
    def of(
        cls,
        quality: str = "h",
        *,
        fps: float | None = None,
        resolution: tuple[int, int] | None = None,
        **rest: Any,
    ) -> Self:
        """Settings by the name of a quality; `fps` and `resolution` replace its rate and size."""
        if quality not in QUALITIES:
            raise unknown_name("quality", quality, QUALITIES)
        width, height, default_fps = QUALITIES[quality]
        width, height = resolution or (width, height)
        return cls(width, height, default_fps if fps is None else fps, **rest)

    @property
    def name(self) -> str:
        """Size, rate and variant as a folder name: `1080p60`, `960x720p30-light`."""
        widescreen = {round(self.height * 16 / 9), 2 * round(self.height * 8 / 9)}
        size = f"{self.height}" if self.width in widescreen else f"{self.width}x{self.height}"
        parts = [_file_name(self.variant), "transparent" if self.transparent else ""]
        return "-".join([f"{size}p{self.fps:.10g}", *filter(None, parts)])

    @property
    def suffix(self) -> str:
        """The part of file names that tells parts of a scene and other backgrounds apart."""
        first, last = self.animations
        shown = "" if self.animations == ALL_ANIMATIONS else f"_n{first}-{'' if last < 0 else last}"
        return shown + (f"_{self.background.removeprefix('#')}" if self.background else "")

    @property
    def fast_path(self) -> bool:
        """Whether the incremental renderer's own encoder can write the file."""
        return self.format == "mp4" and not self.transparent


@dataclass(frozen=True, slots=True)
class SceneRef:
    """A scene class in a file; output files are named after `name`."""

    file: Path
    cls: str
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Job:
    """One scene with settings and parameters; the paths of its outputs follow from these."""

    target: SceneRef
    profile: RenderSettings
    params: tuple[tuple[str, str], ...] = ()
    media_dir: Path = field(default=Path("media"))

    def __str__(self) -> str:
        return self.stem

    @property
    def stem(self) -> str:
        """The name of its files without ending: the scene, parameters and what part is shown."""
        return self.target.name + _suffix(self.params) + self.profile.suffix

    @property
    def folder(self) -> Path:
        """The folder of the video and of the files beside it."""
        return self.media_dir / "videos" / self.profile.name

    @property
    def video(self) -> Path:
        """The video; with format png, the last frame, as in Manim."""
        return self.folder / f"{self.stem}.{self.profile.format}"

    @property
    def manifest(self) -> Path:
        """Beats, captions, numbers on screen, inputs, encoder and fingerprint, as JSON.

        Each format has its own (`Scene.gif.json`, except for MP4), so that freshness is known per
        format.
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
    def caption_files(self) -> tuple[Path, ...]:
        """The files of captions that are written beside the video."""
        return (self.srt, self.vtt) if self.profile.format == "mp4" else ()

    @property
    def still_format(self) -> str:
        """The file format of stills: png, svg or pdf."""
        return self.profile.format if self.profile.format in VECTORS else "png"

    @property
    def stills(self) -> Path:
        """The folder of its stills, one per beat."""
        kind = "" if self.still_format == "png" else f"-{self.still_format}"
        return self.media_dir / "stills" / self.profile.name / (self.stem + kind)

    @property
    def log(self) -> Path:
        """The output of the scene and of Manim while rendering."""
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
    """`jobs` without duplicates; scenes of one name from several files get distinct names."""
    by_video: dict[Path, Job] = {}
    result = []
    for job in jobs:
        first = by_video.get(job.video)
        if first is not None and first.target.file != job.target.file:
            with_file, with_digest = renamed(job)
            other = by_video.get(with_file.video)
            is_free = other is None or other.target.file == job.target.file
            job = with_file if is_free else with_digest
        if job.video not in by_video:
            by_video[job.video] = job
            result.append(job)
    return result


def renamed(job: Job) -> tuple[Job, Job]:
    """`job` under the names that tell scenes of one name apart: by their file, by its full path."""
    name = f"{job.target.name}-{_file_name(job.target.file.stem)}"
    digest = hashlib.sha256(str(job.target.file.resolve()).encode()).hexdigest()
    return job.with_name(name), job.with_name(f"{name}-{digest[:6]}")


def _suffix(params: tuple[tuple[str, str], ...]) -> str:
    """Parameters as part of a file name: readable, and different for different values."""
    if not params:
        return ""
    full = "_".join(f"{name}={value}" for name, value in sorted(params))
    shown = "_".join(f"{_file_name(name)}={_file_value(value)}" for name, value in sorted(params))
    short = shown[:48].rstrip("-.=_")
    if short == full == full.lower() and "_" not in "".join(value for _, value in params):
        return f"_{short}"
    # A digest distinguishes what was cut off, or differs only in case, which some disks ignore.
    exact = "\0".join(f"{name}={value}" for name, value in sorted(params))
    return f"_{short}_{hashlib.sha256(exact.encode()).hexdigest()[:6]}"


def _file_value(text: str) -> str:
    """A value as part of a file name; a sign and a power stay readable."""
    powers = text.replace("**", "^").replace("−", "-")
    return re.sub(r"[^A-Za-z0-9.^-]+", "-", powers).rstrip("-.")


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")
