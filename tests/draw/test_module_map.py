"""Cards of modules in rows: inside their area, apart, with arrows that touch no other card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradreel.draw.layout import bounding_rect
from gradreel.draw.modules import ModuleMap, module_map
from gradreel.draw.modules.row_routes import RowRoutes, pack_rows
from gradreel.fold.module_view import choose_module
from gradreel.record.program_loader import load_program

REAL = Path(__file__).parents[1] / "record" / "programs" / "real.py"


@pytest.fixture(scope="module")
def gan() -> ModuleMap:
    inputs = {"z": "randn(4, 2)", "real": "randn(4, 3)"}
    return module_map(load_program(f"{REAL}:GAN", inputs).record(), 2)[0]


def test_cards_do_not_overlap_and_arrows_pass_beside_them(gan: ModuleMap) -> None:
    rects = {op_id: bounding_rect(card) for op_id, card in gan.cards.items()}
    for op_id, rect in rects.items():
        assert gan.area.contains(rect)
        assert not any(rect.overlap_area(r) for other, r in rects.items() if other != op_id)
    assert len(gan.arrows) == sum(len(set(op.inputs) & set(rects)) for op in gan.tape)
    for (user, source, _), arrow in gan.arrows.items():
        for other, rect in rects.items():
            if other not in (user, source):
                assert not any(rect.contains_point(p) for p in arrow.sampled(60))


def test_the_part_that_a_film_enters_is_drawn_in_the_same_area(gan: ModuleMap) -> None:
    part, _ = choose_module(gan.view, "G")
    assert part is not None
    inside = gan.fold_interior(part).graph
    assert all(gan.area.contains(bounding_rect(card)) for card in inside.cards.values())


def test_lanes_that_would_overlap_lie_beside_each_other() -> None:
    rows = [0, 0, 0, 1, 1, 2]
    links = [(0, 3, 0), (1, 4, 0), (0, 2, 0), (0, 5, 0), (1, 5, 1), (2, 3, 1)]
    starts = {link: float(link[0]) for link in links}
    ends = {link: float(link[1] % 3) + 0.3 for link in links}
    routes = RowRoutes(rows, starts, ends, margin_x=-1.0)
    for lanes in (*routes.gaps.values(), routes.margin):
        for k, lane in enumerate(lanes):
            for other in lanes[:k]:
                if lane.place == other.place:
                    assert lane.low >= other.high or other.low >= lane.high


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rows_are_filled_in_order_and_evenly(rows: int) -> None:
    widths = [2.0, 1.0, 3.0, 1.0, 2.0, 2.5, 1.5]
    packed = pack_rows(widths, rows, 0.5)
    assert packed is not None and packed == sorted(packed) and len(set(packed)) <= rows
    used = [
        sum(w for w, r in zip(widths, packed, strict=True) if r == k) + 0.5 * (packed.count(k) - 1)
        for k in set(packed)
    ]
    assert max(used) <= (sum(widths) + 0.5 * len(widths)) / rows + max(widths)
    assert np.isfinite(used).all()
