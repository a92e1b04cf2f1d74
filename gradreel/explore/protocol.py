"""What the studio's page and its server say to each other over the WebSocket.

The page sends JSON objects with a field `do`; they are checked here. The server answers with JSON
objects with a field `kind`, and with pictures in binary: see `encode_picture`.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any

from deltarender.live.messages import StatePicture
from gradreel.errors import UsageError

MAX_MESSAGE = 100_000  # bytes of a message of the page
MAX_TEXT = 10_000  # characters of a parameter
MAX_PRESSES = 500  # of buttons, in one state


@dataclass(frozen=True, slots=True)
class OpenScene:
    """Construct a scene with parameters, and show its step `step`."""

    scene: str
    params: dict[str, str]
    step: int


@dataclass(frozen=True, slots=True)
class ShowState:
    """Show a step of the open scene, with trackers at `values`, after the buttons `pressed`."""

    step: int
    values: dict[str, float]
    whole: bool
    pressed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MakeFilm:
    """Render the open scene to a video that can be played, at `quality`."""

    quality: str


@dataclass(frozen=True, slots=True)
class MakeStill:
    """Write a state of the open scene to a picture file of this format."""

    state: ShowState
    format: str


Request = OpenScene | ShowState | MakeFilm | MakeStill


def parse_request(text: str) -> Request:
    """The request in a message of the page. Raises UsageError for anything else."""
    try:
        message = json.loads(text[: MAX_MESSAGE + 1])
        match message:
            case {"do": "open", "scene": str(scene), "params": dict(params), "step": int(step)}:
                return OpenScene(scene, _texts(params), step)
            case {"do": "show", "step": int(step), "values": dict(values), "whole": bool(whole)}:
                return ShowState(step, _numbers(values), whole, _names(message.get("pressed", [])))
            case {"do": "film", "quality": str(quality)}:
                return MakeFilm(quality)
            case {"do": "still", "step": int(step), "values": dict(values), "format": str(suffix)}:
                pressed = _names(message.get("pressed", []))
                return MakeStill(ShowState(step, _numbers(values), True, pressed), suffix)
    except (TypeError, ValueError, RecursionError):
        pass
    raise UsageError("the page sent a message that the studio does not know.")


def _texts(params: dict[Any, Any]) -> dict[str, str]:
    if not all(isinstance(v, str) and len(v) <= MAX_TEXT for v in params.values()):
        raise ValueError("parameters are texts")
    return {str(name): value for name, value in params.items()}


def _names(pressed: Any) -> tuple[str, ...]:
    if not isinstance(pressed, list) or len(pressed) > MAX_PRESSES:
        raise ValueError("presses are a list")
    if not all(isinstance(name, str) for name in pressed):
        raise ValueError("presses are names")
    return tuple(pressed)


def _numbers(values: dict[Any, Any]) -> dict[str, float]:
    numbers = {str(name): float(value) for name, value in values.items()}
    if not all(math.isfinite(value) for value in numbers.values()):
        raise ValueError("trackers are finite numbers")
    return numbers


def encode_picture(picture: StatePicture) -> bytes:
    """A picture as one binary message.

    Four bytes with the length of a JSON header (little endian), the header, padding to a multiple
    of four bytes, then the RGBA bytes of all patches, one after the other.
    """
    header = {
        "step": picture.step,
        "number": picture.number,
        "size": picture.size,
        "patches": [[p.x, p.y, p.width, p.height] for p in picture.patches],
        "shown": picture.shown,
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *(p.rgba for p in picture.patches)])
