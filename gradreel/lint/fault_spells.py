"""Joins what is seen in successive frames to faults with a start and an end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gradreel.lint.frame_checks import Sighting
from gradreel.lint.layout_checks import LayoutFault

LEAST_SECONDS = {
    "overlap": 0.15, "covered": 0.15, "outside": 0.15, "stale number": 0.0, "sudden": 0.0,
    "number not shown": 0.6,
}  # fmt: skip
"""How long a fault lasts before it counts. A number may come with the first words about it."""

Key = tuple[str, tuple[int | str, ...]]


@dataclass
class _Spell:
    """A fault that is still going on."""

    sighting: Sighting
    beat: str
    start: float
    end: float


class FaultSpells:
    """The faults of a scene so far, and those that still go on."""

    def __init__(self, scene: str) -> None:
        self._scene = scene
        self._open: dict[Key, _Spell] = {}
        self.faults: list[LayoutFault] = []

    def update(self, sightings: Iterable[Sighting], beat: str, start: float, end: float) -> None:
        """Note what is seen from `start` to `end`; what is no longer seen has ended."""
        seen: set[Key] = set()
        for sighting in sightings:
            key = (sighting.kind, sighting.key)
            seen.add(key)
            if key in self._open:
                self._open[key].end = end
            else:
                self._open[key] = _Spell(sighting, beat, start, end)
        for key in self._open.keys() - seen:
            self._close(self._open.pop(key))

    def finish(self) -> list[LayoutFault]:
        """All faults, in the order of their starts."""
        for spell in self._open.values():
            self._close(spell)
        self._open.clear()
        return sorted(joined(self.faults), key=lambda fault: fault.start)

    def _close(self, spell: _Spell) -> None:
        s = spell.sighting
        if spell.end - spell.start >= LEAST_SECONDS[s.kind]:
            self.faults.append(
                LayoutFault(
                    s.kind,
                    self._scene,
                    spell.beat,
                    s.culprit,
                    s.other,
                    s.detail,
                    spell.start,
                    spell.end,
                )  # fmt: skip
            )


def joined(faults: Iterable[LayoutFault]) -> list[LayoutFault]:
    """Faults of one kind, of mobjects of the same names, as one where their times overlap."""
    result: dict[tuple[str, ...], list[LayoutFault]] = {}
    for fault in sorted(faults, key=lambda fault: fault.start):
        same = result.setdefault((fault.kind, fault.beat, fault.culprit, fault.other), [])
        if same and fault.start <= same[-1].end:
            same[-1] = replace(same[-1], end=max(same[-1].end, fault.end))
        else:
            same.append(fault)
    return [fault for group in result.values() for fault in group]
