"""Search for the least folding with which a graph fits into a grid of cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from gradreel.fold.fold_types import Fold, Part, fold_of, ops_of
from gradreel.fold.partition import ELLIPSIS, Partitioner
from gradreel.tape import Tape

MAX_SEARCHED = 40  # with more parts, neighbours are folded before the search for the best merge
MIN_ITERATIONS = 4  # from this number on, equal iterations are shown by the first and the last


@dataclass(frozen=True, slots=True)
class GridSize:
    """The number of columns and rows of cards."""

    columns: int = 6
    rows: int = 4


class GridFitter:
    """Folds the parts of one tape until they fit into a grid."""

    def __init__(self, tape: Tape, grid: GridSize) -> None:
        self.tape, self.grid = tape, grid
        self.partitioner = Partitioner(tape)

    def fit(
        self, parts: Sequence[Part], boundary: Sequence[str] = (), unfolded: Sequence[str] = ()
    ) -> tuple[Part, ...]:
        """`parts`, which are in forward order, folded as far as needed.

        `boundary` are ops outside of the parts that these use and that are drawn beside them;
        `unfolded` are inputs that must not become part of a fold.
        """
        free = [part for part in parts if isinstance(part, str) and not self.tape[part].inputs]
        free_ids = set(free)
        computed = [part for part in parts if not (isinstance(part, str) and part in free_ids)]
        while len(computed) == 1 and isinstance(computed[0], Fold):
            computed = list(computed[0].parts)
        inputs = _Inputs(tuple(free), tuple(boundary), frozenset((*boundary, *unfolded)))
        flat = _Grouping(self, [op for part in computed for op in ops_of(part)], inputs)
        if len(flat.items) <= MAX_SEARCHED and flat.excess() == 0:
            return flat.parts()
        grouping = _Grouping(self, computed, inputs)
        if len(computed) > MAX_SEARCHED or grouping.excess():
            grouping = _Grouping(self, self._reduce(computed), inputs)
        while grouping.excess() and grouping.count > 2:
            grouping = grouping.merge_neighbours()
        return self._open_while_fitting(grouping, inputs).parts()

    def _reduce(self, parts: list[Part]) -> list[Part]:
        """At most `MAX_SEARCHED` parts: equal iterations folded, then stretches of equal length."""
        parts = self.fold_iterations(parts)
        if len(parts) <= MAX_SEARCHED:
            return parts
        length = -(-len(parts) // MAX_SEARCHED)
        return [self.sequence(parts[k : k + length]) for k in range(0, len(parts), length)]

    def stack_inputs(self, ops: Sequence[str]) -> tuple[Part, ...]:
        """Inputs for one column of the grid; too many are folded into stacks of equal size."""
        size = -(-len(ops) // self.grid.rows)
        stacks = [ops[k : k + size] for k in range(0, len(ops), size)]
        return tuple(
            stack[0]
            if len(stack) == 1
            else fold_of("inputs", stack[0] + ELLIPSIS + stack[-1], stack)
            for stack in stacks
        )

    def fold_iterations(self, parts: Sequence[Part]) -> list[Part]:
        """`parts` in which those between the first and last of many equal ones are one fold."""
        done: list[Part] = []
        for _, equal in groupby(parts, key=self.partitioner.token):
            run = list(equal)
            if len(run) >= MIN_ITERATIONS:
                first, last = (self.partitioner.title(part) for part in (run[1], run[-2]))
                run = [run[0], fold_of("iterations", first + ELLIPSIS + last, run[1:-1]), run[-1]]
            done += run
        return done

    def sequence(self, parts: Sequence[Part]) -> Part:
        """One fold of neighbouring parts."""
        if len(parts) == 1:
            return parts[0]
        flat: list[Part] = []
        for part in parts:
            flat += part.parts if isinstance(part, Fold) and part.kind == "sequence" else [part]
        title = self.partitioner.title
        first, last = (title(part).split(ELLIPSIS) for part in (parts[0], parts[-1]))
        return fold_of("sequence", first[0] + ELLIPSIS + last[-1], flat)

    def _open_while_fitting(self, grouping: _Grouping, inputs: _Inputs) -> _Grouping:
        """Open folds, largest first and all equal ones at once, as long as everything fits."""
        parts = grouping.computed_parts()
        tried: set[object] = set()
        token = self.partitioner.token
        while True:
            left = [p for p in parts if isinstance(p, Fold) and token(p) not in tried]
            if not left:
                return _Grouping(self, parts, inputs)
            chosen = token(max(left, key=lambda fold: (len(fold.ops), fold.id)))
            tried.add(chosen)
            opened = _Grouping(self, self._open_equal(parts, chosen), inputs)
            if opened.excess() == 0:
                parts = opened.computed_parts()

    def _open_equal(self, parts: Iterable[Part], token: object) -> list[Part]:
        """`parts` with the contents of every fold whose token is `token`."""
        done: list[Part] = []
        for part in parts:
            equal = isinstance(part, Fold) and self.partitioner.token(part) == token
            inner = part.parts if isinstance(part, Fold) and equal else (part,)
            done += self.fold_iterations(inner) if len(inner) > self.grid.columns else inner
        return done


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Ops without inputs, ops from outside, and which of both must not be folded."""

    free: tuple[str, ...]
    boundary: tuple[str, ...]
    unfolded: frozenset[str]


class _Grouping:
    """A division of parts into groups of neighbours; `group[k]` is the group of `items[k]`.

    `dependencies` are pairs of indices of items: user and source. `input_users` are the indices of
    the items that use an input.
    """

    def __init__(self, fitter: GridFitter, parts: Sequence[Part], inputs: _Inputs) -> None:
        self.fitter, self.items, self.inputs = fitter, list(parts), inputs
        self.group = list(range(len(parts)))
        tape = fitter.tape
        owner = {op: k for k, part in enumerate(parts) for op in ops_of(part)}
        self.dependencies: set[tuple[int, int]] = set()
        self.input_users: dict[str, set[int]] = {
            op: set() for op in (*inputs.free, *inputs.boundary)
        }
        for op, k in owner.items():
            for source in tape[op].inputs:
                if source in self.input_users:
                    self.input_users[source].add(k)
                elif owner.get(source, k) != k:
                    self.dependencies.add((k, owner[source]))

    @property
    def count(self) -> int:
        """The number of groups."""
        return self.group[-1] + 1 if self.group else 0

    def _with_groups(self, group: list[int]) -> _Grouping:
        other = object.__new__(_Grouping)
        other.__dict__ |= self.__dict__ | {"group": group}
        return other

    def merge_neighbours(self) -> _Grouping:
        """The best grouping in which two neighbouring groups are one."""
        merged = [
            self._with_groups([g - (g > k) for g in self.group]) for k in range(self.count - 1)
        ]  # fmt: skip
        costs = [(new.excess(), self._merge_cost(k), k) for k, new in enumerate(merged)]
        return merged[min(costs)[2]]

    def _merge_cost(self, k: int) -> int:
        """The cost of merging groups k and k+1: high if the second does not use the first."""
        both = [p for p, g in zip(self.items, self.group, strict=True) if g in (k, k + 1)]
        connected = any(
            (self.group[user], self.group[source]) == (k + 1, k)
            for user, source in self.dependencies
        )
        units = ("module", "iteration", "iterations")
        broken_units = sum(isinstance(p, Fold) and p.kind in units for p in both)
        return len(both) + 5 * broken_units + (0 if connected else 50)

    def standalone_inputs(self) -> dict[frozenset[int], list[str]]:
        """The inputs that become no part of a group's fold, by the set of groups that use them."""
        single = {self.group[k] for k, p in enumerate(self.items) if isinstance(p, str)}
        merged = {g for g in self.group if self.group.count(g) > 1}
        standalone: dict[frozenset[int], list[str]] = {}
        for op, users in self.input_users.items():
            groups = frozenset(self.group[k] for k in users)
            alone = len(groups) != 1 or (groups <= single and not groups & merged)
            if alone or op in self.inputs.unfolded:
                standalone.setdefault(groups, []).append(op)
        return standalone

    def _input_cards(self) -> list[tuple[frozenset[int], list[str]]]:
        """Cards of standalone inputs: one each or, if too many, one for each set of users."""
        shown = {
            groups: [op for op in ops if self.fitter.tape[op].op != "constant"]
            for groups, ops in self.standalone_inputs().items()
        }
        single = [(groups, [op]) for groups, ops in shown.items() for op in ops]
        if len(single) <= self.fitter.grid.rows + 2 or self.inputs.boundary:
            return single
        return [(groups, ops) for groups, ops in shown.items() if ops]

    def excess(self) -> int:
        """The number of missing columns plus that of missing rows; 0 if everything fits."""
        links = {(self.group[user], self.group[source]) for user, source in self.dependencies}
        users: dict[int, set[int]] = {g: set() for g in range(self.count)}
        for user, source in links:
            if user != source:
                users[source].add(user)
        column: dict[int, int] = {}  # counted from the result backward
        for g in reversed(range(self.count)):
            column[g] = max((column[user] + 1 for user in users[g]), default=0)
        for number, (groups, _) in enumerate(self._input_cards(), start=self.count):
            users[number] = set(groups)
            column[number] = max((column[user] + 1 for user in groups), default=0)
        height: dict[int, int] = {}
        for node, own in column.items():
            height[own] = height.get(own, 0) + 1
            # An arrow takes a row in each column it passes; arrows of one card share it.
            for passed in range(min((column[u] + 1 for u in users[node]), default=own), own):
                height[passed] = height.get(passed, 0) + 1
        grid = self.fitter.grid
        columns = max(height, default=0) + 1
        return max(columns - grid.columns, 0) + max(max(height.values(), default=0) - grid.rows, 0)

    def computed_parts(self) -> list[Part]:
        """Each group as one part, without inputs."""
        pairs = zip(self.group, self.items, strict=True)
        return [
            self.fitter.sequence([part for _, part in run])
            for _, run in groupby(pairs, key=lambda pair: pair[0])
        ]

    def parts(self) -> tuple[Part, ...]:
        """All parts in forward order; inputs that one group alone uses are in its fold."""
        standalone: list[Part] = []
        for _, ops in self._input_cards():
            name = ops[0] + ELLIPSIS + ops[-1]
            standalone.append(ops[0] if len(ops) == 1 else fold_of("inputs", name, ops))
        drawn = {op for part in standalone for op in ops_of(part)}
        standalone += [
            op for ops in self.standalone_inputs().values() for op in ops if op not in drawn
        ]
        done = {op for part in standalone for op in ops_of(part)}
        standalone = [part for part in standalone if part not in self.inputs.boundary]
        folded_inputs: dict[int, list[str]] = {}
        for op, users in self.input_users.items():
            if op not in done:
                folded_inputs.setdefault(self.group[min(users)], []).append(op)
        parts = [
            fold_of(part.kind, part.name, (*folded_inputs.get(g, ()), *part.parts))
            if isinstance(part, Fold)
            else part
            for g, part in enumerate(self.computed_parts())
        ]
        return tuple(sorted([*standalone, *parts], key=self.fitter.partitioner.position))
