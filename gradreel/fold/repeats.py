"""Where a sequence repeats itself: the passes of a loop, read from what they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

MOST_PERIODS = 12  # how many lengths of a pass are tried


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` passes of `period` items each, from `start`; `spare` items could still follow."""

    start: int
    period: int
    count: int
    spare: int

    @property
    def covered(self) -> int:
        """How many items lie in the passes."""
        return self.period * self.count


def longest_repeat(tokens: Sequence[Hashable]) -> Repeat | None:
    """The repetition that covers most of `tokens`, with the shortest pass; None if there is none.

    Takes time in proportion to the length: a pass is as long as the way from one occurrence of some
    token to its next or next but one, and only the commonest such lengths are tried.
    """
    found = [_best(tokens, period) for period in _periods(tokens)]
    repeats = [repeat for repeat in found if repeat is not None]
    return max(repeats, key=lambda r: (r.covered, -r.period, -r.start), default=None)


def _periods(tokens: Sequence[Hashable]) -> list[int]:
    last: dict[Hashable, list[int]] = {}
    ways: Counter[int] = Counter()
    for place, token in enumerate(tokens):
        before = last.setdefault(token, [])
        ways.update(place - earlier for earlier in before)
        before.append(place)
        del before[:-2]
    ranked = sorted(ways.items(), key=lambda way: (-way[1] * way[0], way[0]))
    return [period for period, _ in ranked[:MOST_PERIODS]]


def _best(tokens: Sequence[Hashable], period: int) -> Repeat | None:
    """The longest stretch in which every item is the same as the one a period later."""
    best: Repeat | None = None
    start = 0
    for place in range(len(tokens) - period + 1):
        ends = place == len(tokens) - period or tokens[place] != tokens[place + period]
        if not ends:
            continue
        length = place - start + period
        count, spare = divmod(length, period)
        enough = count >= (2 if period > 1 else 3)
        if enough and (best is None or count * period > best.covered):
            best = Repeat(start, period, count, spare)
        start = place + 1
    return best
