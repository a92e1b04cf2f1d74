"""The books of a tape, gone through from the tape alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradreel.tape import Tape


class Books:
    """Checks that need nothing but the finished tape; each lists what is wrong."""

    @staticmethod
    def unbalanced(tape: Tape) -> list[str]:
        """Every place where what arrives along the edges is not the gradient handed over.

        Where a pass starts nothing arrives; such a place is skipped.
        """
        found = []
        for number in tape.backwards:
            arrived: dict[str, Any] = {}
            for edge in tape.edges:
                if edge.backward == number and edge.contribution is not None:
                    value = np.asarray(edge.contribution)
                    arrived[edge.target] = arrived.get(edge.target, 0.0) + value
            for step in tape.backward(number):
                if step.gradient is not None and step.op in arrived:
                    handed = np.asarray(step.gradient)
                    if not np.allclose(
                        arrived[step.op], handed, rtol=1e-9, atol=1e-12, equal_nan=True
                    ):
                        found.append(f"{step.op} in backward {number}")
        return found

    @staticmethod
    def misplaced(tape: Tape) -> list[str]:
        """Every edge whose slot is not the place of its target among the inputs of its source."""
        return [
            f"{edge.source} -> {edge.target}"
            for edge in tape.edges
            if tape[edge.source].inputs[edge.slot] != edge.target
        ]

    @staticmethod
    def without_value(tape: Tape) -> list[str]:
        """Ops without a value, but for nodes with several outputs, whose outputs have them."""
        wholes = {op.inputs[0] for op in tape if op.op == "output"}
        return [op.id for op in tape if op.value is None and op.id not in wholes]


@pytest.fixture(scope="session")
def books() -> type[Books]:
    return Books
