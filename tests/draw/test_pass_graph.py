"""The small graph of a backward pass: its gradients can be told apart."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest

from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.layout import Rect, bounding_rect
from gradreel.draw.walkthrough.pass_graph import PassGraph
from gradreel.trace.runner import trace


@pytest.mark.parametrize("count", [6, 24])
def test_gradients_below_a_row_of_nodes_do_not_touch(count: int, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import torch\n"
        "x = torch.tensor(1.0, requires_grad=True)\n"
        f"y = x\nfor _ in range({count}):\n    y = -1.2345 * y\n"
        "y.backward()\n"
    )
    tape = trace(script).passes[1]
    graph = PassGraph(tape, 1, Rect(0.0, 6.0, -2.5, 1.5))
    numbers = [graph._number(step) for step in tape.backward(1)]
    boxes = [bounding_rect(number) for number in numbers if number is not None]
    assert len(boxes) == count + 1
    overlaps = [a.overlap_area(b) for a, b in combinations(boxes, 2)]
    assert max(overlaps) == 0.0
    gaps = [b.left - a.right for a, b in combinations(sorted(boxes, key=lambda r: r.left), 2)
            if abs(a.center[1] - b.center[1]) < 0.1]  # fmt: skip
    assert min(gap for gap in gaps) > 0.1


def test_gradients_below_the_boxes_of_a_compact_graph_do_not_touch(tmp_path: Path) -> None:
    """As beside a user's program: five numbers of seven characters in a third of the frame."""
    script = tmp_path / "script.py"
    script.write_text(
        "import torch\n"
        "x = torch.tensor(1.0, requires_grad=True)\n"
        "y = x\nfor _ in range(4):\n    y = -1.2345 * y\n"
        "y.backward()\n"
    )
    tape = trace(script).passes[1]
    graph = CompactGraph(tape, Rect(0.0, 5.3, -2.5, 2.5), font_size=46.0, down=False)
    for step in tape.backward(1):
        graph.receives(step)
    boxes = sorted((bounding_rect(n) for n in graph.sums.values()), key=lambda r: r.left)
    assert len(boxes) == 5
    assert min(b.left - a.right for a, b in pairwise(boxes)) > 0.1
