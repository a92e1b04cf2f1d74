"""Rendered scenes as input of film, deck and gallery: a video file and its manifest.

Scenes that are missing or stale are rendered first, so that no old picture gets into an output.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarender.jobs import Job, SceneRef
from deltarender.json_checks import InvalidData
from deltarender.manifest import Manifest, read_manifest
from deltarender.own_size import with_own_size
from gradreel.errors import RenderError
from gradreel.extras import require_lecture_extra
from gradreel.lecture_settings import LectureSettings, modules_to_preload
from gradreel.publish.lecture_file import LecturePart
from gradreel.translate.catalogue import SOURCE_LANGUAGE

if TYPE_CHECKING:
    from deltarender.batch import BatchOptions
    from deltarender.events import BatchListener
    from deltarender.report import JobResult


@dataclass(frozen=True, slots=True)
class RenderedScene:
    """One rendered scene: its name, its video, and its manifest as parsed JSON."""

    name: str
    video: Path
    manifest: Manifest

    @property
    def title(self) -> str:
        """The scene's claim, or its name if it has no claim."""
        return str(self.manifest.get("claim") or self.name)

    @property
    def language(self) -> str:
        """The language of its captions and of the words in it, such as `de`."""
        return str(self.manifest.get("language") or SOURCE_LANGUAGE)

    @property
    def frames(self) -> int:
        """The number of frames of the video."""
        return int(self.manifest["frames"])

    @property
    def fps(self) -> float:
        """Frames per second."""
        return float(self.manifest["fps"])

    @property
    def seconds(self) -> float:
        """The duration of the video."""
        return self.frames / self.fps

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.manifest["size"]
        return int(width), int(height)

    @property
    def speaks(self) -> bool:
        """Whether its beats say something themselves, as those of a lecture scene do."""
        return any(beat.get("say", "").strip() for beat in self.manifest.get("beats") or ())

    @property
    def beats(self) -> list[dict[str, Any]]:
        """The beats; a scene without beats counts as one beat from its first frame to its last.

        Beats of an ordinary scene, which say nothing themselves, say the subcaptions that begin in
        them.
        """
        beats = [dict(beat) for beat in self.manifest.get("beats") or []] or [self._only_beat()]
        if not any(beat["say"].strip() for beat in beats):
            for beat in beats:
                beat["say"] = "\n".join(
                    c["text"] for c in self.captions if beat["start"] <= c["start"] < beat["end"]
                )
        return beats

    def _only_beat(self) -> dict[str, Any]:
        return {
            "name": self.name, "say": "", "start": 0.0, "end": self.seconds, "loop": False,
            "numbers": [],
        }  # fmt: skip

    @property
    def captions(self) -> list[dict[str, Any]]:
        """The captions: `start` and `end` in seconds, and `text`."""
        return list(self.manifest.get("captions", []))


def job_for_part(part: LecturePart, profile: LectureSettings, media: Path) -> Job:
    """The job that renders one part of a lecture into `media`."""
    profile = replace(profile, caption_texts=part.captions)
    return with_own_size(Job(SceneRef(part.file, part.cls, part.name), profile, part.params, media))


def render_scenes(
    jobs: Sequence[Job], options: BatchOptions | None = None, listen: BatchListener | None = None
) -> list[RenderedScene]:
    """Render the jobs that are not fresh; one RenderedScene per job, in their order.

    A job that occurs several times is rendered once. Raises RenderError that names every scene
    that failed, SetupError if the extra `lecture` is needed and missing, KeyboardInterrupt.
    """
    from deltarender import batch

    require_lecture_extra(job.target.file for job in jobs)
    report = batch.render(jobs, options or batch.BatchOptions(preload=modules_to_preload), listen)
    if report.interrupted:
        raise KeyboardInterrupt
    failures = [_failure(result) for result in report.failed]
    if failures:
        raise RenderError("not everything could be rendered.\n" + "\n".join(failures))
    by_job = {_job_key(result.job): result for result in report.results}
    return [_rendered_scene(by_job[_job_key(job)]) for job in jobs]


def _failure(result: JobResult) -> str:
    """What failed, and in which line of its file."""
    line = f"\n  at {result.line}" if result.line else ""
    return f"{result.job}: {result.error}{line}\n  log: {result.job.log}"


def _job_key(job: Job) -> tuple[Any, ...]:
    # Without the name: the batch renames a job if a scene of another file has the same name.
    return (job.target.file, job.target.cls, job.params, job.profile)


def _rendered_scene(result: JobResult) -> RenderedScene:
    assert result.path is not None
    return load_rendered_scene(result.job.target.name, result.path, result.job.manifest)


def common_language(scenes: Sequence[RenderedScene]) -> str:
    """The language of most of the scenes that say something, and so of a page about them."""
    languages = Counter(scene.language for scene in scenes if scene.captions)
    return languages.most_common(1)[0][0] if languages else SOURCE_LANGUAGE


def load_rendered_scene(name: str, video: Path, manifest: Path) -> RenderedScene:
    """A scene from its files. Raises RenderError for a missing video or an invalid manifest."""
    if not video.is_file():
        raise RenderError("the video is missing.", where=str(video), hint="Render it again.")
    try:
        return RenderedScene(name, video, read_manifest(manifest))
    except (OSError, InvalidData) as error:
        raise RenderError(
            f"the manifest is damaged: {error}.", where=str(manifest), hint="Render it again."
        ) from None
