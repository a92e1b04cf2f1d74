"""What a broken or hostile worker might return instead of an answer, by the name of the scene."""

from __future__ import annotations

import copyreg
import json
import os
from pathlib import Path
from typing import Any

from deltarender.distributed.answers import MAX_ANSWER_BYTES
from deltarender.distributed.job_bundle import JobBundle

ANSWER: dict[str, Any] = {
    "error": None, "frames": 3, "seconds": 0.1, "cpu_seconds": 0.1, "peak_memory": 1, "notes": [],
    "video": {
        "manifest": {"scene": "A", "inputs": {}, "beats": []}, "subcaptions": [],
        "size": [320, 180], "rate": 10.0, "fallback_reason": "", "stages": {}, "segment": None,
    },
    "read": {}, "sources": {}, "libraries": {}, "causes": [],
    "facts": [{"kind": "paths", "subject": "/w/p/project/a.txt", "states": ["absent"]}],
    "folder": "/w/tasks/1", "log": "", "project": "/w/p", "home": "/w",
    "sent": [{"name": "video.mp4", "size": 3, "sha256": "0" * 64}],
}  # fmt: skip


def explode(place: str) -> Exception:
    """Leave the number of this process in the folder `place`."""
    (Path(place) / f"exploded-{os.getpid()}").touch()
    return ValueError()


class Bomb:
    """An object that explodes where it is unpickled."""

    def __init__(self, place: str) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return explode, (self.place,)


class BombError(Exception):
    """An exception that does so."""

    def __reduce__(self) -> Any:
        return explode, self.args


class Meta(type):
    """A type of types: what Dask writes as the type of bytes explodes instead."""


class TypeBomb(metaclass=Meta):
    """An object whose type explodes where it is unpickled, sent as Dask sends bytes."""

    place = ""


def _type_bomb(place: str) -> TypeBomb:
    from distributed.protocol import dask_serialize

    TypeBomb.place = place
    copyreg.pickle(Meta, lambda kind: (explode, (kind.place,)))  # type: ignore[attr-defined]
    dask_serialize.register(TypeBomb)(lambda value: ({}, [b""]))
    return TypeBomb()


def work(bundle: JobBundle, *_: Any) -> Any:
    """The wrong answer that the scene is named after."""
    name = bundle.task.job.target.cls
    place = dict(bundle.task.job.params)["place"]
    mine = Path(place) / "mine.mp4"
    match name:
        case "Bomb":
            return Bomb(place)
        case "TypeBomb":
            return _type_bomb(place)
        case "BombError":
            raise BombError(place)
        case "Nothing":
            return None
        case "Number":
            return b"3"
        case "Huge":
            return b" " * (MAX_ANSWER_BYTES + 1)
    wrong = {
        "NoFiles": {"sent": [], "folder": str(mine.parent)},
        "Elsewhere": {"sent": [{"name": str(mine), "size": 3, "sha256": ""}]},
        "Absent": {"folder": str(mine.parent / "absent")},
        "Petabyte": {"sent": [{"name": "a.mp4", "size": 10**15, "sha256": ""}]},
        "Terabyte": {"sent": [{"name": "a.mp4", "size": 2**36, "sha256": ""}]},
        "LongLog": {"log": "x" * 2_000_000},
        "Zero": {"video": {**ANSWER["video"], "rate": 0}},
        "Null": {"video": {**ANSWER["video"], "manifest": None}},
        "Text": {"frames": "3"},
    }
    return json.dumps(ANSWER | wrong[name]).encode()


EXPECTED = {
    "Bomb": "its answer cannot be read", "TypeBomb": "its answer cannot be read",
    "BombError": "what it ran has failed",
    "Nothing": "its answer is not bytes", "Number": "its answer is not an object",
    "Huge": "has more than 61 MB", "NoFiles": "its answer has 0 files",
    "Elsewhere": "is not the name of a file", "Absent": "its file does not arrive",
    "Petabyte": "is not between", "Terabyte": "more than there is space for",
    "LongLog": "has more than 1000000 characters", "Zero": "rate is not between",
    "Null": "has no manifest", "Text": "is not a whole number",
}  # fmt: skip
