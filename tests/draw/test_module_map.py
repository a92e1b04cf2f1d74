"""Cards of modules in rows: inside their area, apart, with arrows that touch no other card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradreel.draw.layout import bounding_rect
from gradreel.draw.modules import ModuleMap, module_map
from gradreel.draw.modules.row_routes import RowRoutes, pack_rows
from gradreel.fold.module_choice import choose_module
from gradreel.record.program_loader import load_program

REAL = Path(__file__).parents[1] / "record" / "programs" / "real.py"


@pytest.fixture(scope="module")
def gan() -> ModuleMap:
    inputs = {"z": "randn(4, 2)", "real": "randn(4, 3)"}
    return module_map(load_program(f"{REAL}:GAN", inputs).record(), 2)[0]


def test_cards_do_not_overlap_and_arrows_pass_beside_them(gan: ModuleMap) -> None:
    rects = {op_id: bounding_rect(card) for op_id, card in gan.cards.items()}
    for op_id, rect in rects.items():
        assert gan.area.contains(rect.shrunk(1e-9))  # they may share an edge, but for rounding
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
                if lane.place == other.place and lane.source != other.source:
                    assert lane.low >= other.high or other.low >= lane.high


def test_arrows_of_one_card_are_one_line_with_branches() -> None:
    links = [(0, 2, 0), (0, 3, 0), (0, 4, 0)]
    starts, ends = dict.fromkeys(links, 0.5), {link: float(link[1]) for link in links}
    routes = RowRoutes([0, 1, 1, 1, 2], starts, ends, margin_x=-1.0)
    assert {lane.place for lane in (*routes.gaps[1], *routes.margin)} == {0}


def map_of(name: str, **inputs: str) -> ModuleMap:
    return module_map(load_program(f"{REAL}:{name}", inputs).record())[0]


def test_every_call_of_a_small_network_has_a_card_of_its_own() -> None:
    names = [op.name for op in map_of("GRUCellNet", x="randn(2, 3, 2)", y="randn(2, 1)").view]
    assert {"cell", "cell (call 2)", "cell (call 3)", "head", "mse_loss"} <= set(names)


def test_a_module_that_is_called_twice_can_be_opened() -> None:
    image = "randn(2, 1, 6, 6)"
    graph = map_of("Siamese", a=image, b=image)
    part, _ = choose_module(graph.view, "net")
    assert part is not None
    inside = graph.fold_interior(part).graph.view
    assert "net.0.weight" in inside.parts[0].ops  # not a card of its own
    names = [inside[inside_part.id].name for inside_part in inside.folds]
    assert all(name.startswith("net.") for name in names)


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
