"""Numbers in a caption that no Quantity gave: a result that somebody typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradreel.draw.formula import number_as_text
from gradreel.draw.graph.step_names import op_name

if TYPE_CHECKING:
    from gradreel.draw.caption import Caption
    from gradreel.tape import Tape

NUMBER = re.compile(r"(?<![\w.,])−?\d+(?:[.,]\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
NAME_WITH_DIGITS = re.compile(r"[^\W\d]\w*\d\w*")
CODE = re.compile(r"[^\W\d]")  # a letter in it
# A later value of a variable, an element of a list, a part of a module: x@3, h[3], blocks.0.weight.
CALL_NUMBER = re.compile(r"(?<![\w.])([^\W\d][\w.]*) \(call (\d+)\)")  # of a module: net.0 (call 2)
INDEXED_NAME = re.compile(r"[^\W\d]\w*(?:@\d+|\[\d+\]|\.\w+)+")


def unsourced_numbers(caption: Caption, tape: Tape | None, quoted: str = "") -> Iterator[str]:
    """The numbers of a caption that are not the text of one of its Quantities.

    Digits within a name are no number (MulBackward0, fc1); with a `tape`, it must be a name of the
    tape. Numbers and names that stand in `quoted`, a source text on screen, may be said as well.
    """
    quantities = {number_as_text(number.quantity) for number in caption.shown_numbers}
    words = _without_names(caption.words, tape)
    for text in NUMBER.findall(words):
        if text not in quantities and text.lstrip("−") not in quoted:
            yield text
    names = _tape_names(tape)
    if tape is not None:
        found = (name for name in NAME_WITH_DIGITS.findall(words) if name not in quoted)
        yield from (name for name in found if name not in names)


def _without_names(words: str, tape: Tape | None) -> str:
    """`words` without indexed names, and without those that are code, such as h ** 2."""
    ops = tape.ops if tape is not None else ()
    shown = {name for op in ops for name in (op_name(op), op.call) if name}
    code = sorted(
        (name for name in shown if CODE.search(name) and not name.isidentifier()),
        key=len,
        reverse=True,
    )
    for name in code:
        words = words.replace(name, "")
    words = CALL_NUMBER.sub(
        lambda match: "" if _was_called(tape, *match.groups()) else match[0], words
    )
    return INDEXED_NAME.sub("", words)


def _was_called(tape: Tape | None, name: str, count: str) -> bool:
    """Whether a module whose path ends with `name` was called at least `count` times."""
    paths = [call.path for call in tape.module_calls] if tape is not None else []
    found = {path for path in paths if f".{path}".endswith(f".{name}")}
    return any(paths.count(path) >= int(count) for path in found)


def _tape_names(tape: Tape | None) -> set[str]:
    """The names in a tape: of variables, modules and parameters, operations, calls and nodes."""
    ops = tape.ops if tape is not None else ()
    names = {
        part
        for op in ops
        for part in (*op.name.split("."), op_name(op), op.grad_fn, op.call.partition("(")[0])
        if part
    }
    return names | {"float32", "float64"}  # dtypes that notes of a tape name
