"""Partition of a program into folds: calls of modules, iterations of loops, lines.

Every fold is a contiguous stretch of the forward order, and no op uses a later one. So the graph of
folds has no cycle, whatever the program.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby

from gradreel.fold.fold_types import Fold, Part, fold_of, id_of, ops_of
from gradreel.fold.repeats import Repeat, longest_repeat
from gradreel.tape import Op, Tape

ELLIPSIS = " … "
LONG_NAMES = {"t": "transpose"}  # a single letter would look like a variable


class Partitioner:
    """Divides stretches of one tape's forward order into parts."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._index = {op.id: index for index, op in enumerate(tape)}
        self._last_use: dict[str, int] = {}
        for index, op in enumerate(tape):
            for source in op.inputs:
                self._last_use[source] = index

    def divide(self, ops: Sequence[str], prefix: str = "") -> list[Part]:
        """The parts of a stretch of ops inside the module `prefix`: modules, loops, lines."""
        return self._fold_lines(self._fold_loops(self.fold_modules(ops, prefix), prefix))

    def fold_modules(self, ops: Sequence[str], prefix: str = "") -> list[Part]:
        """A fold for each call of a submodule of `prefix`, and the ops outside of those calls."""
        parts: list[Part] = []
        for name, run in groupby(ops, key=lambda op: _submodule(self.tape[op].module, prefix)):
            inside = list(run)
            if name and len(inside) > 1:
                parts.append(fold_of("module", name, self.divide(inside, name)))
            else:
                parts.extend(inside)
        return parts

    def _fold_loops(self, parts: list[Part], prefix: str) -> list[Part]:
        repeat = longest_repeat([self.token(part) for part in parts])
        if repeat is None:
            return parts
        start, period = self._loop_start(parts, repeat), repeat.period
        end = start + repeat.covered
        iterations: list[Part] = []
        for first in range(start, end, period):
            iterations.append(self._fold_iteration(parts[first : first + period], prefix))
        before, after = parts[:start], parts[end:]
        return [*self._fold_loops(before, prefix), *iterations, *self._fold_loops(after, prefix)]

    def _fold_iteration(self, parts: list[Part], prefix: str) -> Part:
        if len(parts) == 1:
            return parts[0]
        inner = self._fold_lines(self._fold_loops(parts, prefix))
        return (
            inner[0]
            if len(inner) == 1
            else fold_of("iteration", self._iteration_title(parts), inner)
        )

    def _iteration_title(self, parts: list[Part]) -> str:
        """The title of the last part; of the first and the last where calls of modules differ."""
        modules = {part.name for part in parts if isinstance(part, Fold) and part.kind == "module"}
        first, last = self.title(parts[0]), self.title(parts[-1])
        is_one = first == last or not modules or modules == {last}
        return last if is_one else first + ELLIPSIS + last

    def _loop_start(self, parts: list[Part], repeat: Repeat) -> int:
        """Where the first iteration starts: where the fewest values cross to the next one."""
        starts = range(repeat.start, repeat.start + repeat.spare + 1)
        return min(starts, key=lambda start: (self._crossing(parts, start + repeat.period), start))

    def _crossing(self, parts: list[Part], cut: int) -> int:
        """The number of values computed before the part at index `cut` and used from there on."""
        if cut >= len(parts):
            return 0
        boundary = self._index[ops_of(parts[cut])[0]]
        before = [op for part in parts[:cut] for op in ops_of(part)]
        return sum(self._last_use.get(op, -1) >= boundary for op in before)

    def _fold_lines(self, parts: list[Part]) -> list[Part]:
        """`parts` with the unnamed ops of a line folded into that line's named result."""
        done: list[Part] = []
        unnamed: list[str] = []
        for part in parts:
            if not isinstance(part, str):
                done += [*unnamed, part]
                unnamed = []
                continue
            if unnamed and self.tape[unnamed[-1]].line != self.tape[part].line:
                done += unnamed
                unnamed = []
            unnamed.append(part)
            if self.tape[part].name:
                done.append(self._fold_line(unnamed))
                unnamed = []
        if len(unnamed) > 1 and unnamed[-1] == self.tape.ops[-1].id:
            return [*done, self._fold_line(unnamed)]
        return [*done, *unnamed]

    def _fold_line(self, ops: list[str]) -> Part:
        return ops[0] if len(ops) == 1 else fold_of("line", self.title(ops[-1]), ops)

    def title(self, part: Part) -> str:
        """The name of a fold, or the title of an op."""
        return part.name if isinstance(part, Fold) else title(self.tape[part])

    def token(self, part: Part) -> Hashable:
        """The kind of computation without its names: equal parts have equal tokens."""
        if isinstance(part, Fold):
            return (part.kind, *(self.tape[op].op for op in part.ops))
        op = self.tape[part]
        return (op.op, op.line, op.shape)

    def position(self, part: Part) -> int:
        """The index of a part's last op in the forward order."""
        return self._index[id_of(part)]


def title(op: Op) -> str:
    """The variable of an op with its version, `x@2`, or the name of its function."""
    function = op.id.partition("@")[0]
    return op.id if op.name else LONG_NAMES.get(function, function)


def _submodule(module: str, prefix: str) -> str:
    """The child of `prefix` that contains `module`; a number belongs to the list before it."""
    if prefix and not module.startswith(f"{prefix}."):
        return ""
    steps = module[len(prefix) + 1 if prefix else 0 :].split(".")
    depth = 2 if len(steps) > 1 and steps[1].isdigit() else 1
    child = ".".join(steps[:depth])
    return f"{prefix}.{child}" if prefix and child else child
