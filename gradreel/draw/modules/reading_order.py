"""The order of a view's cards, and whether so many seem to fit, before any is drawn."""

from __future__ import annotations

from gradreel.draw.graph.graph_layout import visible_ops
from gradreel.draw.layout import Rect
from gradreel.draw.modules.module_card import NAME_SIZE, PADDING
from gradreel.draw.modules.row_layout import LEAST_GAP
from gradreel.draw.modules.row_routes import pack_rows
from gradreel.fold import FoldedTape
from gradreel.fold.fold_types import id_of

MONO_LETTER, SMALL_LETTER = 0.0063, 0.135  # widths: per point of the font size, frame units
LEAST_TEXT, LIKELY_HEIGHT, LIKELY_GAP = 1.85, 0.95, 0.6  # of a card that is not yet drawn
FLAT_HEIGHT = 0.72  # of a card with its heat maps side by side


def reading_order(view: FoldedTape) -> list[str]:
    """The cards' ops as the parts have them; ops from outside before the first part they feed."""
    drawn = {op.id for op in visible_ops(view)}
    order: list[str] = []
    waiting = [op_id for op_id in view.boundary if op_id in drawn]
    for part in view.parts:
        inputs = view[id_of(part)].inputs
        first = [op_id for op_id in waiting if op_id in inputs]
        waiting = [op_id for op_id in waiting if op_id not in first]
        order += [*first, id_of(part)]
    return [op_id for op_id in (*order, *waiting) if op_id in drawn]


def is_likely_to_fit(view: FoldedTape, area: Rect, *, flat: bool = False) -> bool:
    """Whether the cards of a view seem to fit, by the lengths of their names, undrawn."""
    names = [view[op_id].name or op_id for op_id in reading_order(view)]
    classes = {id_of(part): part.module_class for part in view.folds}
    kinds = [classes.get(op_id, "") for op_id in reading_order(view)]
    widths = [
        max(NAME_SIZE * MONO_LETTER * len(name) + SMALL_LETTER * len(kind), LEAST_TEXT) + PADDING
        for name, kind in zip(names, kinds, strict=True)
    ]
    height = FLAT_HEIGHT if flat else LIKELY_HEIGHT
    most_rows = int((area.height + LIKELY_GAP) / (height + LIKELY_GAP))
    rows = pack_rows(widths, min(most_rows, len(widths)), LEAST_GAP)
    lines = [
        [w for w, r in zip(widths, rows or [], strict=True) if r == k] for k in set(rows or [])
    ]
    return all(sum(line) + LEAST_GAP * (len(line) - 1) <= area.width for line in lines)
