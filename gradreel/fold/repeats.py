"""Detection of repetition in a sequence: the iterations of a loop, recognized by their ops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

MAX_PERIODS = 12  # how many candidate lengths of an iteration are tried


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` repetitions of `period` items each, from index `start`.

    `spare` more items continue the pattern, too few for another repetition; so the first one may
    start up to `spare` items later.
    """

    start: int
    period: int
    count: int
    spare: int

    @property
    def covered(self) -> int:
        """The number of items in the repetitions."""
        return self.period * self.count


def longest_repeat(tokens: Sequence[Hashable]) -> Repeat | None:
    """The repetition that covers most of `tokens`; of equal ones, that of the shortest period.

    Returns None if nothing repeats. The running time is linear in the length: candidate periods are
    the distances from a token to its next two occurrences, and only the commonest are tried.
    """
    candidates = [_best_repeat(tokens, period) for period in _periods(tokens)]
    repeats = [repeat for repeat in candidates if repeat is not None]
    return max(repeats, key=lambda r: (r.covered, -r.period, -r.start), default=None)


def _periods(tokens: Sequence[Hashable]) -> list[int]:
    """The distances between equal tokens that explain most of the sequence, best first."""
    recent: dict[Hashable, list[int]] = {}
    distances: Counter[int] = Counter()
    for index, token in enumerate(tokens):
        earlier = recent.setdefault(token, [])
        distances.update(index - other for other in earlier)
        earlier.append(index)
        del earlier[:-2]
    ranked = sorted(distances.items(), key=lambda item: (-item[1] * item[0], item[0]))
    return [period for period, _ in ranked[:MAX_PERIODS]]


def _best_repeat(tokens: Sequence[Hashable], period: int) -> Repeat | None:
    """The longest stretch in which every item equals the one a period later.

    It must have two repetitions, or three where the period is one item.
    """
    best: Repeat | None = None
    start = 0
    for index in range(len(tokens) - period + 1):
        ends = index == len(tokens) - period or tokens[index] != tokens[index + period]
        if not ends:
            continue
        length = index - start + period
        count, spare = divmod(length, period)
        enough = count >= (2 if period > 1 else 3)
        if enough and (best is None or count * period > best.covered):
            best = Repeat(start, period, count, spare)
        start = index + 1
    return best
