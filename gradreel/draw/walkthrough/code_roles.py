"""The color roles of the characters of Python source, by Python's tokenizer."""

from __future__ import annotations

import builtins
import io
import keyword
import tokenize
from collections.abc import Iterator, Sequence

from gradreel.draw.walkthrough.mono_text import with_wide_cells

_GRADIENT_NAMES = {"grad", "backward", "zero_grad", "retain_grad", "autograd"}


def lines_with_roles(lines: Sequence[str]) -> Iterator[tuple[str, dict[int, str]]]:
    """Each line with a character for each column on screen, and the roles by column."""
    roles = _roles(lines)
    for number, line in enumerate(lines, start=1):
        cells = [(cell, column) for column, c in enumerate(line) for cell in with_wide_cells(c)]
        found = {k: roles[number].get(column, "") for k, (_, column) in enumerate(cells)}
        yield "".join(cell for cell, _ in cells), {k: role for k, role in found.items() if role}


def _roles(lines: Sequence[str]) -> dict[int, dict[int, str]]:
    """For each line the color roles of its characters, by Python's tokenizer."""
    roles: dict[int, dict[int, str]] = {n: {} for n in range(1, len(lines) + 1)}
    source = io.StringIO("\n".join(lines) + "\n")
    for token in tokenize.generate_tokens(source.readline):
        role = _role(token)
        for line in range(token.start[0], token.end[0] + 1) if role else ():
            begin = token.start[1] if line == token.start[0] else 0
            end = token.end[1] if line == token.end[0] else len(lines[line - 1])
            roles[line].update(dict.fromkeys(range(begin, end), role))
    return roles


def _role(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.COMMENT:
        return "muted"
    if token.type == tokenize.STRING or token.type in _F_STRINGS:
        return "leaf"
    if token.type == tokenize.NUMBER:
        return "value"
    if token.type != tokenize.NAME:
        return ""
    if keyword.iskeyword(token.string):
        return "local"
    if token.string in _GRADIENT_NAMES:
        return "gradient"
    return "falling" if hasattr(builtins, token.string) else ""


_F_STRINGS = tuple(
    getattr(tokenize, name)
    for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
    if hasattr(tokenize, name)
)
