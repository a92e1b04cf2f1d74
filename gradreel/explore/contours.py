"""Outlines taken apart into contours, so that a digit is stored once wherever it stands.

A mobject may hold a whole number, whose outline changes with each of its digits. A contour holds
differences from point to point, which are small and alike, and so compress well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MOVE, LINE, CURVE, CLOSE = range(4)  # the commands of cairo's paths
LENGTHS = {MOVE: 2, LINE: 2, CURVE: 6, CLOSE: 0}


@dataclass(frozen=True, slots=True)
class Contour:
    """Where a contour begins in its outline, and its commands from there.

    Each command is followed by its coordinates, as differences from the point before it.
    """

    x: int
    y: int
    commands: tuple[int, ...]


def contours(outline: bytes) -> Iterator[Contour]:
    """The contours of an outline as `drawing.Item` holds it; those that draw nothing are left."""
    numbers = np.frombuffer(outline, np.int32).tolist()
    starts = [*_moves(numbers), len(numbers)]
    for begin, end in zip(starts, starts[1:], strict=False):
        x, y = numbers[begin + 1 : begin + 3]
        commands = tuple(_differences(numbers[begin + 3 : end], x, y))
        if commands:
            yield Contour(x, y, commands)


def _moves(numbers: list[int]) -> Iterator[int]:
    position = 0
    while position < len(numbers):
        if numbers[position] == MOVE:
            yield position
        position += 1 + LENGTHS[numbers[position]]


def _differences(numbers: list[int], x: int, y: int) -> Iterator[int]:
    position = 0
    while position < len(numbers):
        kind = numbers[position]
        points = numbers[position + 1 : position + 1 + LENGTHS[kind]]
        yield kind
        for k in range(0, len(points), 2):
            yield points[k] - x
            yield points[k + 1] - y
        if points:
            x, y = points[-2:]
        position += 1 + len(points)
