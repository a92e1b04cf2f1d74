"""Arrows make way for the cards of the columns that they cross."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradreel.draw.graph.detour import CLEAR, free_height, touches
from gradreel.draw.layout import Rect, bounding_rect
from gradreel.draw.tensors import tensor_graph
from gradreel.record.program_loader import load_program

TABLE = Path(__file__).parents[1] / "record" / "programs" / "table.py"


def test_the_nearest_free_height_is_clear_of_cards_and_of_other_arrows() -> None:
    column = [Rect(0, 1, 0, 1), Rect(0, 1, 1.1, 2)]  # no gap between them
    assert free_height(3.0, column, []) == 3.0
    assert free_height(1.2, column, []) == pytest.approx(2 + CLEAR)
    assert free_height(0.4, column, []) == pytest.approx(-CLEAR)
    assert free_height(0.4, column, [-CLEAR]) == pytest.approx(-2 * CLEAR)


@pytest.mark.parametrize(
    ("name", "inputs"), [("physics_loss", {"a": "0.9"}), ("normalized", {"x": "randn(2, 3)"})]
)
def test_no_arrow_of_a_graph_of_tensors_runs_over_a_card(name: str, inputs: dict[str, str]) -> None:
    tape = load_program(f"{TABLE}:{name}", inputs).record()
    graph, _ = tensor_graph(tape, tape.backwards[-1])
    for (user, source, _), arrow in graph.arrows.items():
        others = [bounding_rect(c) for op, c in graph.cards.items() if op not in (user, source)]
        assert not touches(arrow.line.points, others)
