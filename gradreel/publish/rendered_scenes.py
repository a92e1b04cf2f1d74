"""Rendered scenes as the publishers see them: a video file and its manifest.

What is missing or stale is rendered first, so that nothing old gets into a film or a deck.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltarender.jobs import Job, SceneRef
from gradreel.errors import RenderError
from gradreel.lecture_settings import LectureSettings, modules_to_preload
from gradreel.publish.lecture_file import LecturePart


@dataclass(frozen=True, slots=True)
class RenderedScene:
    """One rendered scene. `frames` at `fps` frames a second make up its video."""

    name: str
    video: Path
    manifest: dict[str, Any]

    @property
    def title(self) -> str:
        """The scene's claim, or its name where it claims nothing."""
        return str(self.manifest.get("claim") or self.name)

    @property
    def frames(self) -> int:
        """How many frames the video has."""
        return int(self.manifest["frames"])

    @property
    def fps(self) -> float:
        """Frames a second."""
        return float(self.manifest["fps"])

    @property
    def seconds(self) -> float:
        """How long the video is."""
        return self.frames / self.fps

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.manifest["size"]
        return int(width), int(height)

    @property
    def beats(self) -> list[dict[str, Any]]:
        """The beats; a scene without any is one beat from its first frame to its last."""
        told = self.manifest.get("beats") or []
        whole = {"name": self.name, "say": "", "start": 0.0, "end": self.seconds, "loop": False}
        return [dict(beat) for beat in told] or [{**whole, "numbers": []}]

    @property
    def captions(self) -> list[dict[str, Any]]:
        """What is said: start and end in seconds, text."""
        return list(self.manifest.get("captions", []))


def job_of(part: LecturePart, profile: LectureSettings, media: Path) -> Job:
    """How a part of a lecture is rendered."""
    return Job(SceneRef(part.file, part.cls, part.name), profile, part.params, media)


def rendered(jobs: Sequence[Job], options: Any = None, listen: Any = None) -> list[RenderedScene]:
    """The shots of `jobs`, in their order and as often as asked for, rendered where need be.

    Raises RenderError that names every scene that failed; KeyboardInterrupt passes.
    """
    from deltarender import batch

    report = batch.render(jobs, options or batch.BatchOptions(preload=modules_to_preload), listen)
    if report.interrupted:
        raise KeyboardInterrupt
    failed = [f"{result.job}: {result.error}" for result in report.failed]
    if failed:
        raise RenderError("not everything could be rendered.\n" + "\n".join(failed))
    done = {_identity(result.job): result for result in report.results}
    return [_shot(done[_identity(job)]) for job in jobs]


def _identity(job: Job) -> tuple[Any, ...]:
    # The batch may have renamed a job whose name another file's scene has as well.
    return (job.target.file, job.target.cls, job.params, job.profile)


def _shot(result: Any) -> RenderedScene:
    job: Job = result.job
    return load(job.target.name, Path(result.path), job.manifest)


def load(name: str, video: Path, manifest: Path) -> RenderedScene:
    """A shot from its files. Raises RenderError where one is missing or no manifest."""
    if not video.is_file():
        raise RenderError("the video is missing.", where=str(video), hint="Render it again.")
    try:
        data = json.loads(manifest.read_text())
    except (OSError, ValueError):
        raise RenderError(
            "the manifest cannot be read.", where=str(manifest), hint="Render with --force."
        ) from None
    return RenderedScene(name, video, data)
