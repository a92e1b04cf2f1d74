"""The scenes that the studio offers: the lecture's, and those of the files it was started with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltarender.jobs import Job, SceneRef
from gradreel.catalog import SceneEntry, find_entries, lecture_scenes, syllabus_scenes
from gradreel.errors import unknown_name
from gradreel.lecture_settings import LectureSettings


@dataclass(frozen=True, slots=True)
class SceneList:
    """Scenes by key: their name, or for files other than the lecture's `path.py:Class`."""

    entries: dict[str, SceneEntry]
    first: str
    media: Path

    @classmethod
    def of(cls, names: Sequence[str], media: Path) -> SceneList:
        """The scenes that `names` mean, those of the project, and those of the built-in lecture.

        Raises UsageError for an unknown one.
        """
        chosen = [entry for name in names for entry in find_entries(name)]
        known = [*chosen, *lecture_scenes(), *syllabus_scenes()]
        entries: dict[str, SceneEntry] = {}
        for entry in known:
            entries.setdefault(_key(entry), entry)
        return cls(entries, next(iter(entries)), media)

    def describe(self) -> list[dict[str, Any]]:
        """Key, name, chapter and claim of each scene, JSON-ready."""
        return [
            {
                "key": key, "name": entry.name, "claim": entry.claim,
                "chapter": entry.chapter or str(entry.file),
            }
            for key, entry in self.entries.items()
        ]  # fmt: skip

    def job(self, key: str, params: dict[str, str], settings: LectureSettings) -> Job:
        """The job of a scene with these parameters. Raises UsageError for an unknown scene."""
        entry = self.entries.get(key)
        if entry is None:
            raise unknown_name("scene", key, self.entries)
        ref = SceneRef(Path(entry.file), entry.cls, entry.name)
        return Job(ref, settings, tuple(params.items()), self.media)


def _key(entry: SceneEntry) -> str:
    return entry.name if entry.chapter else f"{entry.file}:{entry.cls}"
