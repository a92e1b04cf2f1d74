"""A script as text: its statements and loops, and the comments that speak to the viewer.

Two kinds of comment are read and not shown as code:

    #: The forward pass gives {z}.      a note: the caption while the statement below it runs
    name = input("Who? ")  #: answer: Ada     what input() on this line is given
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gradreel.errors import UsageError

MOST_LINES = 60
NOTE = "#:"
ANSWER = "#: answer:"

_SLOT = re.compile(r"\{([^{}]*)\}")
_SLOT_FORM = re.compile(r"([A-Za-z_][\w.]*?)(\.grad)?((?:\[-?\d+\])*)")


@dataclass(frozen=True, slots=True)
class Note:
    """What the viewer is told when the statement at `line` runs; line 0: after the last."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or the head of a compound one, from `line` to `last` as shown.

    `kind` is its syntax ("Assign", "For"); `loops` are the heads of the loops around it, from the
    outside in, and for a loop's head the loop itself; `body` is the last line of what it contains.
    """

    line: int
    last: int
    kind: str
    loops: tuple[int, ...]
    body: int

    @property
    def is_loop(self) -> bool:
        """Whether this is the head of a for or while."""
        return self.kind in ("For", "While", "AsyncFor")


@dataclass(frozen=True, slots=True)
class Script:
    """A script read but not run. `shown` maps lines of the file to lines as shown."""

    path: Path
    source: str
    lines: tuple[str, ...]
    shown: Mapping[int, int]
    statements: tuple[Statement, ...]
    notes: tuple[Note, ...]
    answers: Mapping[int, str]

    def file_line(self, line: int) -> int:
        """The line of the file that is shown as `line`."""
        return next((real for real, shown in self.shown.items() if shown == line), line)

    def by_line(self) -> dict[int, Statement]:
        """For each line of the file the statement that it belongs to (the innermost)."""
        table: dict[int, Statement] = {}
        real = {shown: line for line, shown in self.shown.items()}
        for statement in self.statements:
            for line in range(real[statement.line], real[statement.last] + 1):
                table[line] = statement
        return table


def read_script(path: str | Path) -> Script:
    """Read a script; a UsageError says what is wrong with the file, or what to cut."""
    path = Path(path)
    source = _text(path)
    try:
        tree = ast.parse(source, filename=str(path))
    except SyntaxError as error:
        raise UsageError(
            f"this is not valid Python: {error.msg}.",
            where=f"{path}, line {error.lineno}",
            hint="Run it with plain python first.",
        ) from None
    comments = dict(_comments(source))
    lines, shown = _shown(source, comments)
    if not lines or not tree.body:
        raise UsageError("there is no code to run in it.", where=str(path))
    statements = tuple(_statements(tree.body, shown, ()))
    if len(lines) > MOST_LINES:
        raise _too_long(path, lines, statements)
    answers = {n: _after(text, ANSWER) for n, text in comments.items() if text.startswith(ANSWER)}
    notes = tuple(_notes(comments, shown, statements))
    return Script(path, source, lines, shown, statements, notes, answers)


def slots(note: str) -> tuple[tuple[str, str, bool, tuple[int, ...]], ...]:
    """The `{...}` of a note: as written, variable name, whether its .grad, index."""
    found = []
    for written in dict.fromkeys(_SLOT.findall(note)):
        match = _SLOT_FORM.fullmatch(written)
        if match is None:
            raise UsageError(
                f"{{{written}}} in a note cannot be filled.",
                where=f"note {note!r}",
                hint="Write a variable, its .grad, or an element: {x}, {x.grad}, {w.grad[0]}.",
            )
        name, grad, index = match.groups()
        places = tuple(int(place) for place in re.findall(r"-?\d+", index))
        found.append((written, name, bool(grad), places))
    return tuple(found)


def _text(path: Path) -> str:
    if path.suffix != ".py":
        raise UsageError("a script to walk through is a .py file.", where=str(path))
    try:
        with tokenize.open(path) as file:
            return file.read()
    except FileNotFoundError:
        raise UsageError("no such file.", where=str(path), hint="Check the path.") from None
    except (SyntaxError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"it cannot be read: {error}.", where=str(path)) from None


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.string.startswith(NOTE):
            yield token.start[0], token.string


def _after(comment: str, mark: str) -> str:
    return comment.removeprefix(mark).strip()


def _shown(source: str, comments: Mapping[int, str]) -> tuple[tuple[str, ...], dict[int, int]]:
    """The lines as shown, and where each line of the file went; runs of blank lines become one."""
    lines: list[str] = []
    shown: dict[int, int] = {}
    for number, line in enumerate(source.expandtabs(4).splitlines(), start=1):
        if number in comments:
            line = line[: line.rindex(comments[number])].rstrip()
            if not line:
                continue
        line = line.rstrip()
        if not line and (not lines or not lines[-1]):
            continue
        lines.append(line)
        shown[number] = len(lines)
    while lines and not lines[-1]:
        lines.pop()
    return tuple(lines), {real: n for real, n in shown.items() if n <= len(lines)}


def _statements(
    body: list[ast.stmt], shown: Mapping[int, int], loops: tuple[int, ...]
) -> Iterator[Statement]:
    for node in body:
        first = shown[_first_line(node)]
        inner = list(_blocks(node))
        last = shown[_head_end(node, inner)]
        end = shown[node.end_lineno or node.lineno]
        is_loop = isinstance(node, (ast.For, ast.While, ast.AsyncFor))
        around = (*loops, first) if is_loop else loops
        yield Statement(first, last, type(node).__name__, around, end)
        new_scope = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for block in inner:
            yield from _statements(block, shown, () if new_scope else around)
        for part in getattr(node, "handlers", ()):
            line = shown[part.lineno]
            yield Statement(line, line, "ExceptHandler", loops, shown[part.end_lineno])


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if block and isinstance(block, list):
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _head_end(node: ast.stmt, inner: list[list[ast.stmt]]) -> int:
    """The last line of a simple statement, or of a compound statement's head."""
    if not inner:
        return node.end_lineno or node.lineno
    heads = [part.end_lineno or node.lineno for part in _head_parts(node)]
    return max([node.lineno, *heads])


def _head_parts(node: ast.stmt) -> Iterator[ast.expr]:
    for name in ("test", "iter", "target", "subject", "returns"):
        part = getattr(node, name, None)
        if isinstance(part, ast.expr):
            yield part
    for item in getattr(node, "items", ()):
        yield item.context_expr
    yield from getattr(node, "bases", ())


def _notes(
    comments: Mapping[int, str], shown: Mapping[int, int], statements: tuple[Statement, ...]
) -> Iterator[Note]:
    """Notes in a row are one; each belongs to the first statement that begins after it."""
    starts = {statement.line for statement in statements}
    told: dict[int, list[str]] = {}
    for number, comment in sorted(comments.items()):
        if not comment.startswith(ANSWER):
            after = (n for real, n in shown.items() if real >= number and n in starts)
            told.setdefault(min(after, default=0), []).append(_after(comment, NOTE))
    for line, texts in told.items():
        note = Note(line, " ".join(texts))
        slots(note.text)
        yield note


def _too_long(path: Path, lines: tuple[str, ...], statements: tuple[Statement, ...]) -> UsageError:
    blocks = sorted(
        ((s.body - s.line + 1, s) for s in statements if s.body > s.last), key=lambda row: -row[0]
    )
    longest = "; ".join(
        f"lines {s.line}-{s.body} ({lines[s.line - 1].strip()[:30]})" for _, s in blocks[:2]
    )
    hint = f"Cut {len(lines) - MOST_LINES} lines, or move helpers into a module that it imports."
    if longest:
        hint += f" The longest parts are {longest}."
    return UsageError(
        f"the script has {len(lines)} lines; at most {MOST_LINES} stay readable.",
        where=str(path),
        hint=hint,
    )
