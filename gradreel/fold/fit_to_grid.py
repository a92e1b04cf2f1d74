"""How far a graph has to be folded to fit on a picture, and no further."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from gradreel.fold.fold_types import Fold, Part, fold_of, ops_of
from gradreel.fold.partition import Partitioner
from gradreel.tape import Tape

MOST_WEIGHED = 40  # parts among which the best to fold are sought one by one
BETWEEN = " … "
LEAST_ALIKE = 4  # as many passes alike are told by the first and the last


@dataclass(frozen=True, slots=True)
class GridSize:
    """How many cards fit beside and above each other."""

    columns: int = 6
    rows: int = 4


class GridFitter:
    """Folds the parts of one tape until they fit."""

    def __init__(self, tape: Tape, room: GridSize) -> None:
        self.tape, self.room = tape, room
        self.divider = Partitioner(tape)

    def fit(
        self, parts: Sequence[Part], border: Sequence[str] = (), kept: Sequence[str] = ()
    ) -> tuple[Part, ...]:
        """These parts, which are in forward order, folded as far as needed, with their inputs.

        `border` are ops outside of them that they use, and that stand beside them on the picture;
        `kept` are inputs that go into no fold.
        """
        free = [part for part in parts if isinstance(part, str) and not self.tape[part].inputs]
        apart = set(free)
        bound = [part for part in parts if not (isinstance(part, str) and part in apart)]
        while len(bound) == 1 and isinstance(bound[0], Fold):
            bound = list(bound[0].parts)
        inputs = _Inputs(tuple(free), tuple(border), frozenset((*border, *kept)))
        flat = _Plan(self, [op for part in bound for op in ops_of(part)], inputs)
        if len(flat.items) <= MOST_WEIGHED and flat.excess() == 0:
            return flat.parts()
        plan = _Plan(self, bound, inputs)
        if len(bound) > MOST_WEIGHED or plan.excess():
            plan = _Plan(self, self._few(bound), inputs)
        while plan.excess() and plan.groups > 2:
            plan = plan.merged()
        return self._opened(plan, inputs).parts()

    def _few(self, parts: list[Part]) -> list[Part]:
        """At most `MOST_WEIGHED` parts: passes alike gathered, then equal stretches."""
        parts = self.gathered(parts)
        if len(parts) <= MOST_WEIGHED:
            return parts
        each = -(-len(parts) // MOST_WEIGHED)
        return [self.chain(parts[k : k + each]) for k in range(0, len(parts), each)]

    def in_rows(self, ops: Sequence[str]) -> tuple[Part, ...]:
        """Inputs that stand above each other, in equal stacks where they are too many."""
        each = -(-len(ops) // self.room.rows)
        stacks = [ops[k : k + each] for k in range(0, len(ops), each)]
        return tuple(
            stack[0]
            if len(stack) == 1
            else fold_of("inputs", stack[0] + BETWEEN + stack[-1], stack)
            for stack in stacks
        )

    def gathered(self, parts: Sequence[Part]) -> list[Part]:
        """Of many passes alike, the first, those between, and the last."""
        done: list[Part] = []
        for _, same in groupby(parts, key=self.divider.token):
            run = list(same)
            if len(run) >= LEAST_ALIKE:
                first, last = (self.divider.title(part) for part in (run[1], run[-2]))
                run = [run[0], fold_of("passes", first + BETWEEN + last, run[1:-1]), run[-1]]
            done += run
        return done

    def chain(self, parts: Sequence[Part]) -> Part:
        """One fold of parts that follow each other."""
        if len(parts) == 1:
            return parts[0]
        flat: list[Part] = []
        for part in parts:
            flat += part.parts if isinstance(part, Fold) and part.kind == "chain" else [part]
        first, last = (self.divider.title(part).split(BETWEEN) for part in (parts[0], parts[-1]))
        return fold_of("chain", first[0] + BETWEEN + last[-1], flat)

    def _opened(self, plan: _Plan, inputs: _Inputs) -> _Plan:
        """Open folds, all that are alike at once, as long as everything still fits."""
        bound = plan.bound_parts()
        tried: set[object] = set()
        while True:
            left = [p for p in bound if isinstance(p, Fold) and self.divider.token(p) not in tried]
            if not left:
                return _Plan(self, bound, inputs)
            wanted = self.divider.token(max(left, key=lambda fold: (len(fold.ops), fold.id)))
            tried.add(wanted)
            more = _Plan(self, self._open(bound, wanted), inputs)
            if more.excess() == 0:
                bound = more.bound_parts()

    def _open(self, parts: Iterable[Part], wanted: object) -> list[Part]:
        done: list[Part] = []
        for part in parts:
            alike = isinstance(part, Fold) and self.divider.token(part) == wanted
            inner = part.parts if isinstance(part, Fold) and alike else (part,)
            done += self.gathered(inner) if len(inner) > self.room.columns else inner
        return done


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Ops without inputs of their own, ops from outside, and which of both go into no fold."""

    free: tuple[str, ...]
    boundary: tuple[str, ...]
    kept: frozenset[str]


class _Plan:
    """A way to group parts that follow each other; `group[k]` is the group of the k-th part."""

    def __init__(self, fitter: GridFitter, parts: Sequence[Part], inputs: _Inputs) -> None:
        self.fitter, self.items, self.inputs = fitter, list(parts), inputs
        self.group = list(range(len(parts)))
        tape = fitter.tape
        owner = {op: k for k, part in enumerate(parts) for op in ops_of(part)}
        self.pairs: set[tuple[int, int]] = set()
        self.uses: dict[str, set[int]] = {op: set() for op in (*inputs.free, *inputs.boundary)}
        for op, k in owner.items():
            for source in tape[op].inputs:
                if source in self.uses:
                    self.uses[source].add(k)
                elif owner.get(source, k) != k:
                    self.pairs.add((k, owner[source]))

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return self.group[-1] + 1 if self.group else 0

    def _with(self, group: list[int]) -> _Plan:
        other = object.__new__(_Plan)
        other.__dict__ |= self.__dict__ | {"group": group}
        return other

    def merged(self) -> _Plan:
        """The best plan with two neighbours made one."""
        plans = [
            self._with([g - (g > k) for g in self.group]) for k in range(self.groups - 1)
        ]  # fmt: skip
        costs = [(plan.excess(), self._loss(k), k) for k, plan in enumerate(plans)]
        return plans[min(costs)[2]]

    def _loss(self, k: int) -> int:
        """What is lost by making groups k and k+1 one: much if they have nothing to do."""
        both = [p for p, g in zip(self.items, self.group, strict=True) if g in (k, k + 1)]
        tied = any((self.group[a], self.group[b]) == (k + 1, k) for a, b in self.pairs)
        whole = sum(isinstance(p, Fold) and p.kind in ("module", "pass", "passes") for p in both)
        return len(both) + 5 * whole + (0 if tied else 50)

    def lone(self) -> dict[frozenset[int], list[str]]:
        """The inputs that stand by themselves, by the groups that use them."""
        single = {self.group[k] for k, p in enumerate(self.items) if isinstance(p, str)}
        crowd = {g for g in self.group if self.group.count(g) > 1}
        lone: dict[frozenset[int], list[str]] = {}
        for op, users in self.uses.items():
            ways = frozenset(self.group[k] for k in users)
            alone = len(ways) != 1 or (ways <= single and not ways & crowd)
            if alone or op in self.inputs.kept:
                lone.setdefault(ways, []).append(op)
        return lone

    def _cards(self) -> list[tuple[frozenset[int], list[str]]]:
        """The inputs' cards: one each, or, where there are too many, one for each way they go."""
        shown = {
            ways: [op for op in ops if self.fitter.tape[op].op != "constant"]
            for ways, ops in self.lone().items()
        }
        single = [(ways, [op]) for ways, ops in shown.items() for op in ops]
        if len(single) <= self.fitter.room.rows + 2 or self.inputs.boundary:
            return single
        return [(ways, ops) for ways, ops in shown.items() if ops]

    def excess(self) -> int:
        """By how many columns and rows the picture is too small; 0 if everything fits."""
        links = {(self.group[a], self.group[b]) for a, b in self.pairs}
        users: dict[int, set[int]] = {g: set() for g in range(self.groups)}
        for user, source in links:
            if user != source:
                users[source].add(user)
        layer: dict[int, int] = {}
        for g in reversed(range(self.groups)):
            layer[g] = max((layer[user] + 1 for user in users[g]), default=0)
        for number, (ways, _) in enumerate(self._cards(), start=self.groups):
            users[number] = set(ways)
            layer[number] = max((layer[user] + 1 for user in ways), default=0)
        height: dict[int, int] = {}
        for node, column in layer.items():
            height[column] = height.get(column, 0) + 1
            # An arrow to several cards is counted once where it passes others.
            for passed in range(min((layer[u] + 1 for u in users[node]), default=column), column):
                height[passed] = height.get(passed, 0) + 1
        room = self.fitter.room
        columns = max(height, default=0) + 1
        return max(columns - room.columns, 0) + max(max(height.values(), default=0) - room.rows, 0)

    def bound_parts(self) -> list[Part]:
        """The groups as parts, without inputs."""
        pairs = zip(self.group, self.items, strict=True)
        return [
            self.fitter.chain([part for _, part in run])
            for _, run in groupby(pairs, key=lambda pair: pair[0])
        ]

    def parts(self) -> tuple[Part, ...]:
        """Everything: inputs that stand alone, then the groups with the inputs only they use."""
        alone: list[Part] = []
        for _, ops in self._cards():
            name = ops[0] + BETWEEN + ops[-1]
            alone.append(ops[0] if len(ops) == 1 else fold_of("inputs", name, ops))
        drawn = {op for part in alone for op in ops_of(part)}
        alone += [op for ops in self.lone().values() for op in ops if op not in drawn]
        held = {op for part in alone for op in ops_of(part)}
        alone = [part for part in alone if part not in self.inputs.boundary]
        within: dict[int, list[str]] = {}
        for op, users in self.uses.items():
            if op not in held:
                within.setdefault(self.group[min(users)], []).append(op)
        parts = [
            fold_of(part.kind, part.name, (*within.get(g, ()), *part.parts))
            if isinstance(part, Fold)
            else part
            for g, part in enumerate(self.bound_parts())
        ]
        return tuple(sorted([*alone, *parts], key=lambda p: self.fitter.divider.after(p)))
