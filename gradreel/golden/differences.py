"""Compares the values of a scene with earlier ones.

Beats are matched by name, numbers by source and text, the records of a tape by id; so a number that
was added is reported as new, and those after it are still compared with their own.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

REL_TOL, ABS_TOL = 1e-9, 1e-12

Row = Mapping[str, Any]
Key = Callable[[Row], Hashable]
Pair = tuple[Any, Any]  # was, is; None on one side for what is gone or new


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two numbers may be apart: by `rel` of the larger one, or by `abs`.

    `by_source` replaces `rel` for the numbers whose source matches a pattern, such as
    {"loss after step *": 1e-4}; the digits shown of such a number may differ as well. The records
    of a tape have their id as source.
    """

    rel: float = REL_TOL
    abs: float = ABS_TOL
    by_source: Mapping[str, float] = field(default_factory=dict)

    def own(self, source: str) -> float | None:
        """The relative tolerance that `by_source` gives a number, or None."""
        return next((rel for p, rel in self.by_source.items() if fnmatchcase(source, p)), None)

    def equal(self, was: Any, now: Any, source: str = "") -> bool:
        """Whether two values count as equal; NaN equals NaN, and no number equals a text."""
        if not (_is_number(was) and _is_number(now)):
            return type(was) is type(now) and bool(was == now)
        if math.isnan(was) or math.isnan(now):
            return math.isnan(was) and math.isnan(now)
        own = self.own(source)
        rel = self.rel if own is None else own
        return math.isclose(was, now, rel_tol=rel, abs_tol=self.abs)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `kind` is changed, new or gone.

    `beat` is "" for the inputs and the tape, `where` the path to the entry there. A number on
    screen has its texts and its source; `was` and `now` are the values. `relative` is the relative
    difference of two finite numbers, else None.
    """

    kind: str
    beat: str = ""
    where: str = ""
    source: str = ""
    text_was: str = ""
    text_now: str = ""
    was: Any = None
    now: Any = None

    @property
    def relative(self) -> float | None:
        """The difference of two finite numbers as a share of the larger one."""
        if not (_is_number(self.was) and _is_number(self.now)):
            return None
        if not (math.isfinite(self.was) and math.isfinite(self.now)):
            return None
        largest = max(abs(self.was), abs(self.now))
        return abs(self.was - self.now) / largest if largest else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON-serializable data; `now` is called `is`."""
        row = asdict(self)
        row["text_is"], row["is"] = row.pop("text_now"), row.pop("now")
        return {**row, "relative_difference": self.relative}


def compare(golden: Row, now: Row, tolerance: Tolerance) -> list[Difference]:
    """The differences of two documents of `values`: inputs, beats in their order, the tape."""
    compared = _Comparison(tolerance)
    return [
        *compared.tree(golden["inputs"], now["inputs"], "inputs"),
        *compared.beats(golden["beats"], now["beats"]),
        *compared.tree(golden["tape"], now["tape"], "tape"),
    ]


class _Comparison:
    def __init__(self, tolerance: Tolerance) -> None:
        self.tolerance = tolerance

    def beats(self, golden: Sequence[Row], now: Sequence[Row]) -> Iterator[Difference]:
        for was, new in _matched(golden, now, [lambda row: row["name"]]):
            if new is None:
                yield Difference("gone", was["name"])
            elif was is None:
                yield Difference("new", new["name"])
            else:
                yield from self.numbers(was["numbers"], new["numbers"], was["name"])

    def numbers(self, golden: Sequence[Row], now: Sequence[Row], beat: str) -> Iterator[Difference]:
        keys: list[Key] = [
            lambda row: (row["source"], row["text"]),
            lambda row: row["source"],
            lambda row: row["text"],
        ]
        for was, new in _matched(golden, now, keys):
            kind = "gone" if new is None else "new" if was is None else "changed"
            if kind != "changed" or not self._same_number(was, new):
                old, current = was or {}, new or {}
                yield Difference(
                    kind, beat, _source_change(old, current), current.get("source", "")
                    or old["source"], old.get("text", ""), current.get("text", ""),
                    old.get("value"), current.get("value"),
                )  # fmt: skip

    def _same_number(self, was: Row, now: Row) -> bool:
        source = was["source"]
        if source != now["source"]:
            return False
        # Digits may differ only where the author of the test has said so for this number.
        same_text = was["text"] == now["text"] or self.tolerance.own(source) is not None
        return same_text and self.tolerance.equal(was["value"], now["value"], source)

    def tree(self, was: Any, now: Any, where: str, source: str = "") -> Iterator[Difference]:
        """The differences of JSON values, entry by entry."""
        if isinstance(was, dict) and isinstance(now, dict):
            for key in dict.fromkeys([*was, *now]):
                path = f"{where}, {key}"
                if key not in was:
                    # An empty table that an earlier version of the tape did not have.
                    if now[key] not in ([], {}):
                        yield Difference("new", where=path, now=now[key])
                elif key not in now:
                    yield Difference("gone", where=path, was=was[key])
                else:
                    yield from self.tree(was[key], now[key], path, source)
        elif isinstance(was, list) and isinstance(now, list):
            yield from self._lists(was, now, where, source)
        elif not self.tolerance.equal(was, now, source):
            yield Difference("changed", where=where, source=source, was=was, now=now)

    def _lists(
        self, was: list[Any], now: list[Any], where: str, source: str
    ) -> Iterator[Difference]:
        if all(isinstance(row, dict) for row in (*was, *now)):
            for old, new in _matched(was, now, [_record_name]):
                name = _record_name(old if new is None else new)
                path = f"{where}, {name}"
                if old is None or new is None:
                    yield Difference("gone" if new is None else "new", where=path)
                else:
                    yield from self.tree(old, new, path, source=name)
            return
        if len(was) != len(now):
            yield Difference("changed", where=f"{where}, length", was=len(was), now=len(now))
        for index, (old, new) in enumerate(zip(was, now, strict=False)):
            yield from self.tree(old, new, f"{where}[{index}]", source)


def _matched(golden: Sequence[Row], now: Sequence[Row], keys: Sequence[Key]) -> list[Pair]:
    """Pairs of rows with equal keys, by the first key that fits, in the order of `now`.

    Rows without a partner follow where they stood; among rows of one key, the order decides.
    """
    partner: dict[int, int] = {}  # index in `now`: index in `golden`
    for key in keys:
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        taken = set(partner.values())
        for index, row in enumerate(golden):
            if index not in taken:
                waiting[key(row)].append(index)
        for index, row in enumerate(now):
            if index not in partner and waiting[key(row)]:
                partner[index] = waiting[key(row)].popleft()
    pairs: list[Pair] = []
    gone = deque(sorted(set(range(len(golden))) - set(partner.values())))
    for index, row in enumerate(now):
        while gone and index in partner and gone[0] < partner[index]:
            pairs.append((golden[gone.popleft()], None))
        pairs.append((golden[partner[index]] if index in partner else None, row))
    return [*pairs, *((golden[index], None) for index in gone)]


def _record_name(row: Row) -> str:
    """The name of a record of a tape: an op's id, an edge's ends, a step's node and pass."""
    if "from" in row:
        name = f"{row['from']} to {row['to']}, slot {row.get('slot')}"
    else:
        name = str(row.get("id") or row.get("name") or row.get("leaf") or row.get("op") or "entry")
    return f"{name}, backward {row['backward']}" if row.get("backward") else name


def _source_change(was: Row, now: Row) -> str:
    """The earlier source of a number whose source has changed."""
    if was and now and was["source"] != now["source"]:
        return f"source was {was['source']}"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
