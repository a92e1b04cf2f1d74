"""The parts of a program as its modules have them: calls of modules, then calls of functions.

The calls inside a call are the parts of its fold. No fold contains a part of a module's call
together with anything else. Parts are in forward order, and each is a contiguous stretch of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from gradreel.fold.fold_types import Fold, Part, fold_of
from gradreel.fold.partition import title
from gradreel.tape import ModuleCall, Op, Tape

_NAME = re.compile(r"[^\W\d][\w.]*(?:@\d+)?")

LONGEST_INDEX = 12  # letters of an index such as ids[:, 1:] that is its own title


def module_tree(tape: Tape) -> list[Part]:
    """The outermost calls of modules and functions of a program.

    Calls of the program's own module are none: their parts are those of the program.
    """
    return _TreeBuilder(tape).divide([op.id for op in tape if op.inputs], 0)


def call_title(op: Op) -> str:
    """The variable of an op; the called function where the variable was assigned several times."""
    return title(op) if op.id == op.name or not op.inputs else call_function(op) or title(op)


def call_function(op: Op) -> str:
    """The name of the function that an op is a call of; of an operator, that of its node."""
    if op.call.endswith("]") and len(op.call) <= LONGEST_INDEX:
        return op.call
    match = re.match(r"([a-z_]\w*)\(", op.call)
    if match or not op.name:
        return match.group(1) if match else title(op)
    node = re.match(r"([A-Z][a-z]+)\w*Backward\d?$", op.op)
    return node.group(1).lower() if node else ""


class _TreeBuilder:
    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._calls = {
            op: number for number, call in enumerate(tape.module_calls, 1) for op in call.ops
        }
        self._count: Counter[str] = Counter()

    def divide(self, ops: Sequence[str], depth: int) -> list[Part]:
        """The parts of ops that have `depth` module calls around them in common."""

        def call_number(op: str) -> int:
            path = self._path(op)
            return path[depth] if len(path) > depth else 0

        parts: list[Part] = []
        for number, run in groupby(ops, key=call_number):
            inside = list(run)
            if number:
                parts.append(self._module_fold(self.tape.module_calls[number - 1], inside, depth))
            else:
                parts += self._written_calls(inside)
        return parts

    def _path(self, op: str) -> tuple[int, ...]:
        """The numbers of the module calls around an op, from the outermost to the innermost."""
        path: list[int] = []
        number = self._calls.get(op, 0)
        while number:
            call = self.tape.module_calls[number - 1]
            if call.path:
                path.insert(0, number)
            number = call.parent
        return tuple(path)

    def _module_fold(self, call: ModuleCall, ops: list[str], depth: int) -> Fold:
        self._count[call.path] += 1
        count = self._count[call.path]
        name = call.path if count == 1 else f"{call.path} (call {count})"
        parts = self.divide(ops, depth + 1)
        if len(parts) == 1 and isinstance(parts[0], Fold) and parts[0].kind == "call":
            parts = list(parts[0].parts)
        fold = fold_of("module", name, parts)
        return replace(fold, module_class=call.kind, parameters=call.parameters)

    def _written_calls(self, ops: Sequence[str]) -> list[Part]:
        """Ops outside of modules; those that one call of a function made are one fold."""
        groups: list[list[str]] = []
        for op in ops:
            hidden = self._hidden_inputs(op)
            groups.append([op])
            while len(groups) > 1 and any(hidden & set(group) for group in groups[:-1]):
                last = groups.pop()
                groups[-1] += last
        return [self._call_fold(group) for group in groups]

    def _call_fold(self, ops: list[str]) -> Part:
        if len(ops) == 1:
            return ops[0]
        last = self.tape[ops[-1]]
        if last.op == "output":
            last = self.tape[last.inputs[0]]
        return fold_of("call", call_title(last), ops)

    def _hidden_inputs(self, op_id: str) -> set[str]:
        """What an op was computed from that its text does not name: steps of the same call."""
        op = self.tape[op_id]
        if op.op == "output":
            return set(op.inputs)
        named = set(_NAME.findall(op.call))
        hidden: set[str] = set()
        waiting = list(op.inputs)
        while waiting:
            source = self.tape[waiting.pop()]
            is_step = source.inputs and not source.name and source.id not in named
            if is_step and source.id not in hidden:
                hidden.add(source.id)
                waiting += source.inputs
        return hidden
