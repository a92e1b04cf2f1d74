"""The types and limits of what a worker answers: `check_answer` and `check_failure`."""

from __future__ import annotations

from deltarender.facts import FactKind
from deltarender.json_checks import (
    file_name,
    flag,
    integer,
    list_of,
    mapping,
    nullable,
    number,
    one_of,
    record,
    text,
)
from deltarender.manifest import MAX_SECONDS, check_scene_manifest

MAX_LOG_BYTES = 1_000_000
MAX_FILE_BYTES = 64 * 2**30

_seconds = number(0, MAX_SECONDS)
_size = integer(1, 16384)
_error = record(
    {
        "message": text(100_000), "line": text(100_000), "trace": text(), "usage": flag,
        "missing": list_of(text(5000), most=1000), "unsplittable": flag,
    }
)  # fmt: skip
_segment = record(
    {
        "frames": integer(),
        "cuts": list_of(integer()),
        "boundaries": list_of(record({"frame": integer(), "digest": text(200)}), most=100),
    }
)
_video = record(
    {
        "manifest": nullable(check_scene_manifest),
        "subcaptions": list_of(
            record(
                {
                    "start": number(-MAX_SECONDS, MAX_SECONDS),
                    "end": number(-MAX_SECONDS, MAX_SECONDS),
                    "text": text(),
                }
            )
        ),
        "size": list_of(_size, 2, 2),
        "rate": number(1e-3, 1e4),
        "fallback_reason": text(5000),
        "stages": mapping(_seconds, most=1000),
        "segment": nullable(_segment),
    }
)
_file = record({"name": file_name, "size": integer(1, MAX_FILE_BYTES), "sha256": text(64)})
_fact = record(
    {
        "kind": one_of([kind.value for kind in FactKind]), "subject": text(5000),
        "states": list_of(text(5000), least=1, most=100),
    }
)  # fmt: skip
check_answer = record(
    {
        "error": nullable(_error),
        "frames": integer(),
        "seconds": _seconds,
        "cpu_seconds": number(0, 1e9),
        "peak_memory": integer(0, 2**60),
        "video": nullable(_video),
        "notes": list_of(text(5000), most=100),
        "read": mapping(text(64)),
        "libraries": mapping(text(200), most=10_000),
        "sources": mapping(text()),
        "facts": list_of(_fact),
        "causes": list_of(text(5000)),
        "folder": text(5000),
        "sent": list_of(_file, most=2),
        "log": text(MAX_LOG_BYTES),
        "project": text(5000),
        "home": text(5000),
    }
)
check_failure = record({"failed": text(5000)})
