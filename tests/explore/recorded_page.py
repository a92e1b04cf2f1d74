"""Reads a recorded page as its script does: its states, the numbers in them, what is drawn."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RecordedState:
    """A state: its position on the axes, the texts of that, the labels of what was pressed."""

    number: int
    position: int
    at: dict[str, str]
    pressed: tuple[str, ...]


class RecordedPage:
    """The document in a page."""

    def __init__(self, path: Path) -> None:
        found = re.search(r'id="data">([^<]*)<', path.read_text("utf-8"))
        assert found
        self.document: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))

    def states(self) -> Iterator[RecordedState]:
        """Every state once, with the fewest presses that lead to it."""
        document, seen = self.document, set()
        labels = [button["label"] for button in document["buttons"]]
        names = [axis["label"] for axis in document["axes"]]
        positions = product(*(axis["texts"] for axis in document["axes"]))
        for position, (root, at) in enumerate(zip(document["roots"], positions, strict=True)):
            waiting = deque([(root, ())])
            while waiting:
                number, pressed = waiting.popleft()
                if number in seen:
                    continue
                seen.add(number)
                texts = dict(zip(names, at, strict=True))
                yield RecordedState(number, position, texts, pressed)
                following = document["edges"][number] if labels else ()
                for label, after in zip(labels, following, strict=False):
                    if after >= 0:
                        waiting.append((after, (*pressed, label)))

    def numbers(self, state: int) -> list[tuple[str, float, str]]:
        """Text, value and source of each number on screen."""
        rows = (self.document["numbers"][k] for k in self.document["shown"][state])
        return [(text, float(value), source) for text, value, source, _ in rows]

    def items(self, state: int) -> list[tuple[list[int], int, int, Any, Any]]:
        """Outline, x, y, paint in the dark and in the light theme of each thing drawn, in order."""
        document = self.document
        rows = (document["items"][number] for number in document["states"][state])
        return [
            (unpack_outline(document, o), x, y, document["paints"][dark], document["paints"][light])
            for o, x, y, dark, light in rows
        ]


def unpack_outline(document: dict[str, Any], number: int) -> list[int]:
    """The commands of an outline with their coordinates, as the page draws them."""
    places, result = document["outlines"][number], []
    for piece, start_x, start_y in zip(places[::3], places[1::3], places[2::3], strict=True):
        result += [0, start_x, start_y]
        x, y, rest, k = start_x, start_y, document["contours"][piece], 0
        while k < len(rest):
            kind = rest[k]
            points = rest[k + 1 : k + 1 + {1: 2, 2: 6, 3: 0}[kind]]
            points = [v + (x, y)[n % 2] for n, v in enumerate(points)]
            result += [kind, *points]
            x, y = points[-2:] if points else (x, y)
            k += 1 + len(points)
    return result
