"""Parses a script: its statements and loops, its notes, and the answers for `input()`.

Two kinds of comment are read, and are not shown as code:

    #: The forward pass gives {z}.      a note: the caption while the statement below it runs
    name = input("Who? ")  #: answer: Ada     what input() on this line returns
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

MAX_LINES = 60
NOTE_MARK = "#:"
ANSWER_MARK = "#: answer:"

_SLOT = re.compile(r"\{([^{}]*)\}")
_SLOT_FORM = re.compile(r"([A-Za-z_][\w.]*?)(\.grad)?((?:\[-?\d+\])*)")


@dataclass(frozen=True, slots=True)
class Note:
    """A caption for the statement at `line`; line 0: after the last statement."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or the head of a compound one, from `line` to `last_line` as shown.

    `kind` is its syntax ("Assign", "For"). `loops` are the heads of the loops around it, from the
    outside in, and for the head of a loop also that loop. `body_end` is the last line of all that
    it contains.
    """

    line: int
    last_line: int
    kind: str
    loops: tuple[int, ...]
    body_end: int

    @property
    def is_loop(self) -> bool:
        """Whether this is the head of a for or while."""
        return self.kind in ("For", "While", "AsyncFor")


@dataclass(frozen=True, slots=True)
class Script:
    """A parsed script. `shown_lines` maps lines of the file to lines as shown.

    `answers` are the texts for `input()`, by line of the file.
    """

    path: Path
    source: str
    lines: tuple[str, ...]
    shown_lines: Mapping[int, int]
    statements: tuple[Statement, ...]
    notes: tuple[Note, ...]
    answers: Mapping[int, str]

    def file_line(self, line: int) -> int:
        """The line of the file that is shown as `line`."""
        return next((real for real, shown in self.shown_lines.items() if shown == line), line)

    def statements_by_file_line(self) -> dict[int, Statement]:
        """The innermost statement at each line of the file."""
        table: dict[int, Statement] = {}
        real = {shown: line for line, shown in self.shown_lines.items()}
        for statement in self.statements:
            for line in range(real[statement.line], real[statement.last_line] + 1):
                table[line] = statement
        return table


def read_script(path: str | Path) -> Script:
    """Read and parse a script; a UsageError says what is wrong with the file, or what to cut."""
    path = Path(path)
    source = _read_text(path)
    try:
        tree = ast.parse(source, filename=str(path))
    except SyntaxError as error:
        raise UsageError(
            f"this is not valid Python: {error.msg}.",
            where=f"{path}, line {error.lineno}",
            hint="Run it with plain python first.",
        ) from None
    comments = dict(_special_comments(source))
    lines, shown_lines = _lines_to_show(source, comments)
    if not lines or not tree.body:
        raise UsageError("there is no code to run in it.", where=str(path))
    statements = tuple(_statements(tree.body, shown_lines, ()))
    if len(lines) > MAX_LINES:
        raise _too_long(path, lines, statements)
    answers = {
        number: _after(comment, ANSWER_MARK)
        for number, comment in comments.items()
        if comment.startswith(ANSWER_MARK)
    }
    notes = tuple(_notes(comments, shown_lines, statements))
    return Script(path, source, lines, shown_lines, statements, notes, answers)


def note_slots(note: str) -> tuple[tuple[str, str, bool, tuple[int, ...]], ...]:
    """The `{...}` of a note: text, variable name, whether its .grad is meant, index.

    Raises UsageError for braces that hold anything else.
    """
    slots = []
    for written in dict.fromkeys(_SLOT.findall(note)):
        match = _SLOT_FORM.fullmatch(written)
        if match is None:
            raise UsageError(
                f"{{{written}}} in a note cannot be filled.",
                where=f"note {note!r}",
                hint="Write a variable, its .grad, or an element: {x}, {x.grad}, {w.grad[0]}.",
            )
        name, grad, brackets = match.groups()
        index = tuple(int(number) for number in re.findall(r"-?\d+", brackets))
        slots.append((written, name, bool(grad), index))
    return tuple(slots)


def _read_text(path: Path) -> str:
    if path.suffix != ".py":
        raise UsageError("a script to walk through is a .py file.", where=str(path))
    try:
        with tokenize.open(path) as file:
            return file.read()
    except FileNotFoundError:
        raise UsageError("no such file.", where=str(path), hint="Check the path.") from None
    except (SyntaxError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"it cannot be read: {error}.", where=str(path)) from None


def _special_comments(source: str) -> Iterator[tuple[int, str]]:
    """Line of the file and text of every note and answer."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.string.startswith(NOTE_MARK):
            yield token.start[0], token.string


def _after(comment: str, mark: str) -> str:
    return comment.removeprefix(mark).strip()


def _lines_to_show(
    source: str, comments: Mapping[int, str]
) -> tuple[tuple[str, ...], dict[int, int]]:
    """The lines as shown, and the shown line of each line of the file.

    Notes and answers are left out, and consecutive blank lines become one.
    """
    lines: list[str] = []
    shown_lines: dict[int, int] = {}
    for number, line in enumerate(source.expandtabs(4).splitlines(), start=1):
        if number in comments:
            line = line[: line.rindex(comments[number])].rstrip()
            if not line:
                continue
        line = line.rstrip()
        if not line and (not lines or not lines[-1]):
            continue
        lines.append(line)
        shown_lines[number] = len(lines)
    while lines and not lines[-1]:
        lines.pop()
    return tuple(lines), {real: n for real, n in shown_lines.items() if n <= len(lines)}


def _statements(
    body: list[ast.stmt], shown_lines: Mapping[int, int], loops: tuple[int, ...]
) -> Iterator[Statement]:
    for node in body:
        first = shown_lines[_first_line(node)]
        blocks = list(_blocks(node))
        last = shown_lines[_head_end(node, blocks)]
        body_end = shown_lines[node.end_lineno or node.lineno]
        is_loop = isinstance(node, (ast.For, ast.While, ast.AsyncFor))
        inner_loops = (*loops, first) if is_loop else loops
        yield Statement(first, last, type(node).__name__, inner_loops, body_end)
        new_scope = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for block in blocks:
            yield from _statements(block, shown_lines, () if new_scope else inner_loops)
        for part in getattr(node, "handlers", ()):
            line = shown_lines[part.lineno]
            yield Statement(line, line, "ExceptHandler", loops, shown_lines[part.end_lineno])


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


def _head_end(node: ast.stmt, blocks: list[list[ast.stmt]]) -> int:
    """The last line of a simple statement, or of a compound statement's head."""
    if not blocks:
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
    comments: Mapping[int, str], shown_lines: Mapping[int, int], statements: tuple[Statement, ...]
) -> Iterator[Note]:
    """Consecutive notes are joined; each belongs to the first statement that begins after it."""
    starts = {statement.line for statement in statements}
    texts_by_line: dict[int, list[str]] = {}
    for number, comment in sorted(comments.items()):
        if not comment.startswith(ANSWER_MARK):
            after = (n for real, n in shown_lines.items() if real >= number and n in starts)
            line = min(after, default=0)
            texts_by_line.setdefault(line, []).append(_after(comment, NOTE_MARK))
    for line, texts in texts_by_line.items():
        note = Note(line, " ".join(texts))
        note_slots(note.text)  # raises for slots that cannot be filled
        yield note


def _too_long(path: Path, lines: tuple[str, ...], statements: tuple[Statement, ...]) -> UsageError:
    blocks = [statement for statement in statements if statement.body_end > statement.last_line]
    blocks.sort(key=lambda block: block.line - block.body_end)
    longest = "; ".join(
        f"lines {s.line}-{s.body_end} ({lines[s.line - 1].strip()[:30]})" for s in blocks[:2]
    )
    hint = f"Cut {len(lines) - MAX_LINES} lines, or move helpers into a module that it imports."
    if longest:
        hint += f" The longest parts are {longest}."
    return UsageError(
        f"the script has {len(lines)} lines; at most {MAX_LINES} stay readable.",
        where=str(path),
        hint=hint,
    )
