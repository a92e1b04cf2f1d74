"""Numbers sampled on every frame while a parameter moves, stored in the film's manifest.

    self.sweep = ScrubTrack(current_point, {"x": "x", "slope": "f'(x)"})

A page that scrubs the film reads from the manifest which slope was computed at each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradreel.errors import NumberError
from gradreel.tape import Quantity, format_number


class ScrubTrack:
    """Samples of the attributes of what `source()` returns; `names` maps attributes to labels.

    An attribute may be a path of attributes and indices of tuples, such as `links.0.slope`. Texts
    have `decimals` decimals; with None, each number decides (see `format_number`).
    """

    def __init__(
        self, source: Callable[[], Any], names: Mapping[str, str], decimals: int | None = 2
    ) -> None:
        self._source = source
        self._names = dict(names)
        self._decimals = decimals
        self._rows: list[tuple[float, tuple[Quantity, ...]]] = []

    def sample(self, time: float) -> None:
        """Store the numbers at `time`, in seconds of film, unless they repeat the last sample.

        Raises NumberError for an attribute that is not a Quantity.
        """
        current = self._source()
        row = tuple(_attribute(current, name) for name in self._names)
        for name, value in zip(self._names, row, strict=True):
            if not isinstance(value, Quantity):
                raise NumberError(f"a sweep reads {name}, which is a bare {type(value).__name__}.")
        if not self._rows or self._rows[-1][1] != row:
            self._rows.append((time, row))

    def to_json(self) -> dict[str, Any]:
        """The times in seconds and, for each label, the texts and the values at those times."""
        columns = list(zip(*(row for _, row in self._rows), strict=True))
        labels = self._names.values()
        return {
            "times": [round(time, 6) for time, _ in self._rows],
            "readings": {
                label: [format_number(value, self._decimals) for value in column]
                for label, column in zip(labels, columns, strict=False)
            },
            "values": {
                label: [float(value) for value in column]
                for label, column in zip(labels, columns, strict=False)
            },
        }


def _attribute(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value[int(name)] if name.isdecimal() else getattr(value, name)
    return value
