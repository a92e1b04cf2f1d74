"""How a program falls into parts: calls of modules, passes of loops, lines.

Every fold is a stretch of the forward order, and no op uses a later one. So folds cannot wait for
each other in a circle, whatever the program.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby

from gradreel.fold.fold_types import Fold, Part, fold_of, id_of, ops_of
from gradreel.fold.repeats import Repeat, longest_repeat
from gradreel.tape import Op, Tape

SPELT = {"t": "transpose"}  # a letter alone would look like a variable


class Partitioner:
    """Takes stretches of a tape's forward order apart."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._place = {op.id: place for place, op in enumerate(tape)}
        self._last_use: dict[str, int] = {}
        for place, op in enumerate(tape):
            for source in op.inputs:
                self._last_use[source] = place

    def divide(self, ops: Sequence[str], prefix: str = "") -> list[Part]:
        """The parts of a stretch of ops that lie in the module `prefix`."""
        return self._lines(self._passes(self.modules(ops, prefix), prefix))

    def modules(self, ops: Sequence[str], prefix: str = "") -> list[Part]:
        """The ops of each call of a module beneath `prefix` as one part, others alone."""
        parts: list[Part] = []
        for name, run in groupby(ops, key=lambda op: _beneath(self.tape[op].module, prefix)):
            inside = list(run)
            if name and len(inside) > 1:
                parts.append(fold_of("module", name, self.divide(inside, name)))
            else:
                parts.extend(inside)
        return parts

    def _passes(self, parts: list[Part], prefix: str) -> list[Part]:
        repeat = longest_repeat([self.token(part) for part in parts])
        if repeat is None:
            return parts
        start, period = self._begin(parts, repeat), repeat.period
        end = start + repeat.covered
        passes: list[Part] = []
        for first in range(start, end, period):
            passes.append(self._one_pass(parts[first : first + period], prefix))
        before, after = parts[:start], parts[end:]
        return [*self._passes(before, prefix), *passes, *self._passes(after, prefix)]

    def _one_pass(self, parts: list[Part], prefix: str) -> Part:
        if len(parts) == 1:
            return parts[0]
        inner = self._lines(self._passes(parts, prefix))
        return inner[0] if len(inner) == 1 else fold_of("pass", self.title(parts[-1]), inner)

    def _begin(self, parts: list[Part], repeat: Repeat) -> int:
        """Where the first pass begins: where the fewest values are handed from pass to pass."""
        starts = range(repeat.start, repeat.start + repeat.spare + 1)
        return min(starts, key=lambda start: (self._handed_on(parts, start + repeat.period), start))

    def _handed_on(self, parts: list[Part], cut: int) -> int:
        if cut >= len(parts):
            return 0
        border = self._place[ops_of(parts[cut])[0]]
        before = [op for part in parts[:cut] for op in ops_of(part)]
        return sum(self._last_use.get(op, -1) >= border for op in before)

    def _lines(self, parts: list[Part]) -> list[Part]:
        """Nameless steps together with the named result of the same line."""
        done: list[Part] = []
        waiting: list[str] = []
        for part in parts:
            if not isinstance(part, str):
                done += [*waiting, part]
                waiting = []
                continue
            if waiting and self.tape[waiting[-1]].line != self.tape[part].line:
                done += waiting
                waiting = []
            waiting.append(part)
            if self.tape[part].name:
                done.append(self._line(waiting))
                waiting = []
        if len(waiting) > 1 and waiting[-1] == self.tape.ops[-1].id:
            return [*done, self._line(waiting)]
        return [*done, *waiting]

    def _line(self, ops: list[str]) -> Part:
        return ops[0] if len(ops) == 1 else fold_of("line", self.title(ops[-1]), ops)

    def title(self, part: Part) -> str:
        """What a part is called: by its variable or module, or by what it does."""
        return part.name if isinstance(part, Fold) else title(self.tape[part])

    def token(self, part: Part) -> Hashable:
        """What a part does, without names: alike parts have equal tokens."""
        if isinstance(part, Fold):
            return (part.kind, *(self.tape[op].op for op in part.ops))
        op = self.tape[part]
        return (op.op, op.line, op.shape)

    def after(self, part: Part) -> int:
        """The place in the forward order of a part's last op."""
        return self._place[id_of(part)]


def title(op: Op) -> str:
    """The variable of an op with its version, `x@2`, or what it does where it has none."""
    does = op.id.partition("@")[0]
    return op.id if op.name else SPELT.get(does, does)


def _beneath(module: str, prefix: str) -> str:
    """The next module on the way from `prefix` down to `module`; a number belongs to its list."""
    if prefix and not module.startswith(f"{prefix}."):
        return ""
    steps = module[len(prefix) + 1 if prefix else 0 :].split(".")
    depth = 2 if len(steps) > 1 and steps[1].isdigit() else 1
    down = ".".join(steps[:depth])
    return f"{prefix}.{down}" if prefix and down else down
