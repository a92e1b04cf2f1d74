"""The manifest beside each video: how it is read, and what makes it valid.

Manifests are read from disk by every command. Whoever reads one calls `read_manifest`, so that a
damaged one means the same everywhere: the scene is rendered again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deltarender.json_checks import (
    InvalidData,
    anything,
    file_name,
    flag,
    integer,
    list_of,
    mapping,
    nullable,
    number,
    real,
    record,
    text,
)
from deltarender.regular_files import read_limited

MAX_BYTES = 64_000_000
MAX_SECONDS = 1e6
MAX_LANGUAGE = 35  # characters; BCP 47 recommends to allow as many

Manifest = dict[str, Any]

_time = number(-MAX_SECONDS, MAX_SECONDS)
_number = record({"text": text(), "value": nullable(real), "source": text()})
_beat = record(
    {
        "name": text(), "say": text(), "start": _time, "end": _time, "loop": flag,
        "numbers": list_of(_number),
    }
)  # fmt: skip
_sweep = record(
    {
        "times": list_of(number(0, MAX_SECONDS)),
        "readings": mapping(list_of(text())),
    }
)
# What a scene says of itself.
_OF_SCENE = {
    "scene": text(), "inputs": mapping(anything), "beats": list_of(_beat),
}  # fmt: skip
_OPTIONAL = {
    "claim": nullable(text()), "sweep": nullable(_sweep), "may_depend_on": list_of(text()),
    "language": nullable(text(MAX_LANGUAGE)),
}  # fmt: skip
_FINGERPRINT = record(
    {
        "format": integer(),
        "source": text(),
        "params": mapping(text()),
        "profile": mapping(anything),
        "files": mapping(text()),
        "settings": mapping(text()),
        "engine": text(),
        "versions": mapping(text()),
    },
    {"facts": mapping(mapping(list_of(text()))), "sources": mapping(text())},
)
_MANIFEST = record(
    {
        **_OF_SCENE,
        "captions": list_of(record({"start": _time, "end": _time, "text": text()})),
        "video": file_name,
        "frames": integer(),
        "fps": number(1e-6, 1e6),
        "size": list_of(integer(1, 10**5), 2, 2),
        "seconds": number(0),
        "outputs": mapping(text(), key=file_name, least=1),
        "fingerprint": _FINGERPRINT,
    },
    _OPTIONAL,
)
check_scene_manifest = record(_OF_SCENE, _OPTIONAL)
"""Raises InvalidData unless a manifest holds what a scene has to say of itself."""


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`. Raises FileNotFoundError, InvalidData for a damaged one."""
    try:
        raw = read_limited(path, MAX_BYTES).decode()
        data: Manifest = json.loads(raw)
        if "\\ud" in raw.lower():  # an escape that may be half a character
            json.dumps(data, ensure_ascii=False).encode()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InvalidData(error.strerror or str(error)) from None
    except UnicodeError:
        raise InvalidData("it is not valid UTF-8") from None
    except (ValueError, RecursionError):
        raise InvalidData("it is not valid JSON") from None
    _MANIFEST(data, "it")
    return data


def find_manifest(path: Path) -> Manifest | None:
    """The manifest at `path`, None if there is none or it is damaged."""
    try:
        return read_manifest(path)
    except (OSError, InvalidData):
        return None


def manifest_text(manifest: Manifest) -> str:
    """A manifest as the text of its file. Raises InvalidData for one that is not valid."""
    _MANIFEST(manifest, "the manifest")
    try:
        raw = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        raw.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidData(f"the manifest cannot be written as JSON ({error})") from None
    return raw
