"""What was read while a parameter moved: a row for each frame, kept with the film.

    self.sweep = Sweep(here, {"x": "x", "slope": "f'(x)"})

The film's manifest carries the rows, so that a page which scrubs the film can say the slope that
was recorded at any place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradreel.errors import NumberError
from gradreel.tape import Quantity, format_number


class ScrubTrack:
    """Readings of `source`, called anew at each frame; `names` maps its attributes to labels.

    Texts have `places` decimals; with None, as many as each number needs, or a power of ten.
    An attribute may be a path through attributes and places of tuples, such as `links.0.slope`.
    """

    def __init__(
        self, source: Callable[[], Any], names: Mapping[str, str], places: int | None = 2
    ) -> None:
        self._source = source
        self._names = dict(names)
        self._places = places
        self._rows: list[tuple[float, tuple[Quantity, ...]]] = []

    def sample(self, time: float) -> None:
        """Read everything at `time` seconds of film; a row that repeats the last is not kept."""
        here = self._source()
        row = tuple(_reading(here, name) for name in self._names)
        for name, value in zip(self._names, row, strict=True):
            if not isinstance(value, Quantity):
                raise NumberError(f"a sweep reads {name}, which is a bare {type(value).__name__}.")
        if not self._rows or self._rows[-1][1] != row:
            self._rows.append((time, row))

    def to_json(self) -> dict[str, Any]:
        """Times in seconds, and for each label the texts and the values at those times."""
        columns = list(zip(*(row for _, row in self._rows), strict=True))
        labels = self._names.values()
        return {
            "times": [round(time, 6) for time, _ in self._rows],
            "readings": {
                label: [format_number(value, self._places) for value in column]
                for label, column in zip(labels, columns, strict=False)
            },
            "values": {
                label: [float(value) for value in column]
                for label, column in zip(labels, columns, strict=False)
            },
        }


def _reading(here: Any, path: str) -> Any:
    for name in path.split("."):
        here = here[int(name)] if name.isdecimal() else getattr(here, name)
    return here
