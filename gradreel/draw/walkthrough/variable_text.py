"""Texts of one variable for the variable panel, cut to a width, with the numbers in them."""

from __future__ import annotations

from typing import Any

from gradreel.draw.numbers import ShownNumber
from gradreel.draw.walkthrough.mono_text import with_wide_cells
from gradreel.tape import Quantity
from gradreel.trace.script_trace import TraceEvent, Variable, norm_of, quantity_of
from gradreel.trace.value_format import MAX_ITEMS, format_rounded, format_value, shown_indices

GRAD = "grad "
NO_GRAD = "grad None"
_FEWER_DIGITS = (
    None,
    3,
    2,
)  # significant digits to try for the numbers of a tensor; None: as usual

PanelText = tuple[str, tuple[ShownNumber, ...]]
"""A text and the numbers that it shows."""


def value_text(variable: Variable, event: TraceEvent, width: int, exact: str = "") -> PanelText:
    """The value in at most `width` characters; `exact` is the text of a number, if it fits."""
    if exact and len(exact) <= width:
        return exact, (ShownNumber(exact, quantity_of(variable, event)),)
    if variable.summary is not None:
        return _summary_text(variable, event, width)
    if variable.value is None or variable.kind not in ("Tensor", "float", "int", "list", "tuple"):
        return truncate(with_wide_cells(variable.text), width), ()
    fit = fit_value(variable.value, width)
    if fit is None:
        return truncate(_size_text(variable), width), ()
    words, items, digits = fit
    numbers = tuple(
        _shown_number(quantity_of(variable, event, index=index), digits)
        for index in shown_indices(variable.value, items)
    )
    return words, numbers


def grad_text(variable: Variable, event: TraceEvent, width: int) -> PanelText:
    """`.grad` in at most `width` characters."""
    if variable.grad_summary is not None:
        words, shown = _summary_text(variable, event, width - len(GRAD), grad=True)
        return GRAD + words, shown
    if variable.grad is None:
        return NO_GRAD, ()
    fit = fit_value(variable.grad, width - len(GRAD))
    if fit is None:
        return GRAD + "×".join(map(str, variable.shape or ())), ()
    words, items, digits = fit
    numbers = tuple(
        _shown_number(quantity_of(variable, event, grad=True, index=index), digits)
        for index in shown_indices(variable.grad, items)
    )
    return GRAD + words, numbers


def _summary_text(
    variable: Variable, event: TraceEvent, width: int, *, grad: bool = False
) -> PanelText:
    """Kind, shape and norm of a large, sparse or complex tensor, as many as fit."""
    summary = variable.grad_summary if grad else variable.summary
    norm = norm_of(variable, event, grad=grad)
    assert summary is not None and norm is not None
    shape = "×".join(map(str, summary.shape))
    kind = "" if summary.kind == "large" else f"{summary.kind} "
    for digits in _FEWER_DIGITS:
        number = format_rounded(float(norm), digits)
        for words in (f"{kind}{shape}, norm {number}", f"norm {number}"):
            if len(words) <= width:
                return words, (ShownNumber(number, norm),)
    return truncate(f"{kind}{shape}", width), ()


def fit_value(value: Any, width: int) -> tuple[str, int, int | None] | None:
    """The longest text of nested numbers with at most `width` characters; None if none fits.

    Also how many items of each row are shown, and with how many digits (None: as usual).
    """
    digit_counts = _FEWER_DIGITS if isinstance(value, tuple) else (None,)
    for items in range(MAX_ITEMS, 1, -1):
        for digits in digit_counts:
            words = format_value(value, items, digits)
            if len(words) <= width:
                return words, items, digits
    return None


def _shown_number(quantity: Quantity, digits: int | None) -> ShownNumber:
    return ShownNumber(format_rounded(float(quantity), digits), quantity)


def _size_text(variable: Variable) -> str:
    return "×".join(map(str, variable.shape)) if variable.shape else variable.text


def tag_text(variable: Variable, width: int) -> str:
    """Leaf or grad_fn, requires_grad, shape and dtype, as many as fit into `width` characters."""
    tracked = "✓" if variable.requires_grad else "✗"
    parts = ["leaf" if variable.is_leaf else str(variable.grad_fn), f"requires_grad {tracked}"]
    if variable.shape:
        parts.append("×".join(map(str, variable.shape)))
    if variable.dtype != "float32":
        parts.append(variable.dtype)
    words = parts[0]
    for part in parts[1:]:
        longer = f"{words} · {part}"
        if len(longer) > width:
            longer = f"{words} · {part.replace('requires_grad', 'grad')}"
        words = longer if len(longer) <= width else words
    return truncate(words, width)


def truncate(words: str, width: int) -> str:
    """`words` in at most `width` characters, with an ellipsis where something is missing."""
    return words if len(words) <= width else words[: max(width - 1, 1)] + "…"
