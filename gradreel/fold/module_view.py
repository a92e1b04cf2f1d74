"""A tape folded by its modules, to a given number of cards.

view = module_view(tape, most=15)          # the overview: calls of the outermost modules
inside = open_module(view, part, most=15)  # the calls inside one of its folds
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from gradreel.fold.fold_types import Fold, Part, fold_of, id_of, ops_of, with_leaves
from gradreel.fold.folded_tape import FoldedTape, build_folded_tape
from gradreel.fold.module_tree import call_title, module_tree
from gradreel.fold.partition import ELLIPSIS, Partitioner
from gradreel.fold.repeats import longest_repeat
from gradreel.tape import Tape

MIN_EQUAL = 4  # of so many equal parts in a row, those between the first and the last are one
MOST_TITLES = 3  # in the name of a sequence
LONGEST_NAME = 34  # letters
THEN = " → "


def module_view(tape: Tape, most: int) -> FoldedTape:
    """The whole program as calls of its modules, in at most `most` cards where that is possible."""
    leaves = [op.id for op in tape if not op.inputs]
    parts = _Fitter(tape, leaves, ()).fit(module_tree(tape), most)
    return build_folded_tape(tape, parts, title_of=call_title)


def open_module(view: FoldedTape, part: Fold, most: int) -> FoldedTape:
    """The contents of a fold, in at most `most` cards, with the ops outside that they use."""
    tape = view.full_tape
    inner = set(part.ops)
    used = (source for op in part.ops for source in tape[op].inputs)
    outside = [s for s in dict.fromkeys(used) if s not in inner and tape[s].op != "constant"]
    leaves = [op for op in part.ops if not tape[op].inputs]
    parts = [p for p in part.parts if not isinstance(p, str) or tape[p].inputs]
    while len(parts) == 1 and isinstance(parts[0], Fold):
        parts = list(parts[0].parts)
    if part.kind == "inputs":
        return build_folded_tape(tape, leaves[:most], outside, title_of=call_title)
    shared = [*_used_elsewhere(tape, leaves, inner), *(s for s in outside if _is_weight(tape, s))]
    own, others = ([op for op in group if op not in shared] for group in (leaves, outside))
    fitter = _Fitter(tape, own, others, shared)
    fitted = fitter.fit(parts, most)
    module = part.name.partition(" ")[0] if part.kind == "module" else ""
    boundary = [*others, *fitter.beside(fitted)]
    return build_folded_tape(tape, fitted, boundary, module, call_title)


def _used_elsewhere(tape: Tape, leaves: Iterable[str], inner: set[str]) -> list[str]:
    """Weights among `leaves` that ops outside of `inner` use too, and so send gradients to."""
    outer = {source for op in tape if op.id not in inner for source in op.inputs}
    return [leaf for leaf in leaves if leaf in outer and _is_weight(tape, leaf)]


def _is_weight(tape: Tape, op_id: str) -> bool:
    """Whether an op is a parameter or buffer of a module, and no input of the program."""
    op = tape[op_id]
    return not op.inputs and bool(op.module) and op.name not in tape.inputs


class _Fitter:
    """Folds parts that are in forward order, and gives leaves to the folds that use them.

    `shared` are weights that are used outside of the parts too: in a fold they are hidden like
    other leaves; a card of their own is one of an op outside.
    """

    def __init__(
        self, tape: Tape, leaves: Sequence[str], outside: Sequence[str],
        shared: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.tape, self.leaves, self.outside, self.shared = tape, leaves, outside, shared
        self.partitioner = Partitioner(tape)
        self._users: dict[str, set[str]] = {}
        for op in tape:
            for source in op.inputs:
                self._users.setdefault(source, set()).add(op.id)

    def fit(self, parts: list[Part], most: int) -> tuple[Part, ...]:
        """The parts with their leaves, folded until there are at most `most` cards."""
        placed = self._with_leaves(parts)
        for further in (self._fold_lines, self._fold_iterations, self._fold_equal):
            if self._cards(placed) <= most:
                break
            folded = further(parts)
            # One card for everything would show nothing.
            parts = folded if len(folded) > 1 else parts
            placed = self._with_leaves(parts)
        while self._cards(placed) > most and len(parts) > 2:
            parts = self._merge_best(parts)
            placed = self._with_leaves(parts)
        return placed

    def _cards(self, parts: Sequence[Part]) -> int:
        drawn = [p for p in parts if isinstance(p, Fold) or self.tape[p].op != "constant"]
        return len(drawn) + len(self.outside) + len(self.beside(parts))

    def beside(self, parts: Iterable[Part]) -> list[str]:
        """The shared weights that are in no fold."""
        if not self.shared:
            return []
        folded = {op for part in parts for op in ops_of(part)}
        return [op for op in self.shared if op not in folded]

    # Leaves

    def _with_leaves(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """All parts in forward order. A leaf that one fold of modules alone uses is part of it.

        Leaves of modules that several parts use together are one fold.
        """
        owner = {op: part for part in parts for op in ops_of(part)}
        users: dict[str, dict[str, Part]] = {leaf: {} for leaf in (*self.leaves, *self.shared)}
        for op, part in owner.items():
            for source in self.tape[op].inputs:
                if source in users:
                    users[source][id_of(part)] = part
        inside: dict[str, list[str]] = {}
        shared: dict[tuple[str, ...], list[str]] = {}
        alone: list[Part] = []
        for leaf, used_by in users.items():
            row = self.tape[leaf]
            only = next(iter(used_by.values())) if len(used_by) == 1 else None
            is_hidden = row.op == "constant" or (row.module and row.name not in self.tape.inputs)
            if isinstance(only, Fold) and is_hidden:
                inside.setdefault(only.id, []).append(leaf)
            elif leaf in self.shared:
                continue
            elif len(used_by) > 1 and row.module and row.op != "constant":
                shared.setdefault(tuple(used_by), []).append(leaf)
            else:
                alone.append(leaf)
        for leaves in shared.values():
            name = f"{_common_path(leaves)} parameters"
            alone.append(leaves[0] if len(leaves) == 1 else fold_of("inputs", name, leaves))
        folds = [with_leaves(p, inside.get(p.id, [])) if isinstance(p, Fold) else p for p in parts]
        return self._in_reading_order(alone, folds)

    def _in_reading_order(self, alone: Sequence[Part], parts: Sequence[Part]) -> tuple[Part, ...]:
        """Each leaf directly before the first part that uses it."""
        ordered: list[Part] = []
        waiting = list(alone)
        for part in parts:
            used = {source for op in ops_of(part) for source in self.tape[op].inputs}
            first = [leaf for leaf in waiting if used & set(ops_of(leaf))]
            waiting = [leaf for leaf in waiting if leaf not in first]
            ordered += [*first, part]
        return (*ordered, *waiting)

    # Folding further

    def _fold_lines(self, parts: list[Part]) -> list[Part]:
        """The calls of one line of the program as one fold, without modules among them."""
        groups: list[list[Part]] = []
        for part in parts:
            before = groups[-1] if groups else []
            names = self._variables([part])
            # A loop in one line assigns the same variable again.
            is_next = before and self._line(before[-1]) == self._line(part) is not None
            if is_next and not names & self._variables(before):
                before.append(part)
            else:
                groups.append([part])
        return [g[0] if len(g) == 1 else fold_of("line", self._name(g), g) for g in groups]

    def _line(self, part: Part) -> int | None:
        return None if _is_module(part) else self.tape[ops_of(part)[-1]].line

    def _variables(self, parts: Iterable[Part]) -> set[str]:
        return {self.tape[op].name for part in parts for op in ops_of(part)} - {""}

    def _fold_iterations(self, parts: list[Part]) -> list[Part]:
        """Each pass through a loop of several parts as one fold."""
        repeat = longest_repeat([self.partitioner.token(part) for part in parts])
        if repeat is None or repeat.period == 1:
            return parts
        start, end = repeat.start, repeat.start + repeat.covered
        rounds = [
            fold_of("iteration", self._name(parts[k : k + repeat.period]),
                    parts[k : k + repeat.period])
            for k in range(start, end, repeat.period)
        ]  # fmt: skip
        return [*parts[:start], *rounds, *parts[end:]]

    def _fold_equal(self, parts: list[Part]) -> list[Part]:
        """Of many equal parts in a row, those between the first and the last as one fold."""
        done: list[Part] = []
        for _, equal in groupby(parts, key=self.partitioner.token):
            run = list(equal)
            if len(run) >= MIN_EQUAL:
                name = _range_name(self._title(run[1]), self._title(run[-2]))
                run = [run[0], fold_of("iterations", name, run[1:-1]), run[-1]]
            done += run
        return done

    def _merge_best(self, parts: list[Part]) -> list[Part]:
        """The parts with the two neighbours as one that belong together most."""
        k = min(range(len(parts) - 1), key=lambda k: (self._cost(parts[k], parts[k + 1]), k))
        both = [*_pieces(parts[k]), *_pieces(parts[k + 1])]
        return [*parts[:k], fold_of("sequence", self._name(both), both), *parts[k + 2 :]]

    def _cost(self, first: Part, second: Part) -> int:
        """High where the second does not use the first, or where both are modules."""
        pieces = [*_pieces(first), *_pieces(second)]
        modules = [k for k, piece in enumerate(pieces) if _is_module(piece)]
        inner = set(ops_of(first))
        connected = any(s in inner for op in ops_of(second) for s in self.tape[op].inputs)
        lines = {self.tape[op].line for part in (first, second) for op in ops_of(part)}
        # A module and what its result becomes belong together, and what prepares its input; but
        # not a module with a whole computation.
        place = 0 if not modules else 2 * (len(pieces) > MOST_TITLES) if modules == [0] else 10
        if modules == [1] and isinstance(pieces[0], str):
            place = 3
        named = 2 * bool(self.tape[ops_of(first)[-1]].name)
        # A named result does not take in what others use too, as the sums of all gates.
        if isinstance(second, str) and self.tape[second].name and not modules:
            users = set().union(*(self._users.get(op, set()) for op in inner))
            named += 3 * bool(users - inner - {second})
        return len(pieces) + (len(lines) > 1) + (0 if connected else 30) + place + named

    def _title(self, part: Part) -> str:
        return part.name if isinstance(part, Fold) else call_title(self.tape[part])

    def _name(self, pieces: Sequence[Part]) -> str:
        """The variable that holds the result, where no module takes part; else all titles."""
        titles = [self._title(piece) for piece in pieces]
        last = self.tape[ops_of(pieces[-1])[-1]]
        if last.name == titles[-1] and not any(_is_module(piece) for piece in pieces):
            ends = [self.tape[ops_of(p)[-1]] for p in pieces]
            named = [op.name for op in ends if op.name and op.id == op.name]
            if len(named) > MOST_TITLES:
                return _range_name(named[0], named[-1])
            return ", ".join(named) or titles[-1]
        name = THEN.join(titles)
        if len(titles) > MOST_TITLES or len(name) > LONGEST_NAME:
            return _end(titles[0], 0) + ELLIPSIS + _end(titles[-1], -1)
        return name


def _range_name(first: str, last: str) -> str:
    """From one title to another: both, or if that is long, the first call and the last one."""
    name = first + ELLIPSIS + last
    return name if len(name) <= LONGEST_NAME else _end(first, 0) + ELLIPSIS + _end(last, -1)


def _end(title: str, which: int) -> str:
    """The first call in a title, or the last one."""
    return title.split(ELLIPSIS)[which].split(THEN)[which]


def _is_module(part: Part) -> bool:
    return isinstance(part, Fold) and part.kind not in ("call", "line")


def _pieces(part: Part) -> list[Part]:
    return (
        list(part.parts) if isinstance(part, Fold) and part.kind in ("sequence", "line") else [part]
    )


def _common_path(leaves: Sequence[str]) -> str:
    """The path of the module to which all of these parameters belong."""
    paths = [leaf.split(".")[:-1] for leaf in leaves]
    common = [steps[0] for steps in zip(*paths, strict=False) if len(set(steps)) == 1]
    return ".".join(common) or "shared"
