"""TapeChecks: consistency checks that need nothing but the finished tape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradreel.tape import Tape


class TapeChecks:
    """Each check lists the places of a tape that are wrong."""

    @staticmethod
    def wrong_sums(tape: Tape) -> list[str]:
        """Every op whose gradient is not the sum of the contributions along its edges.

        The op at which a pass starts receives no contribution and is skipped.
        """
        wrong = []
        for number in tape.backwards:
            sums: dict[str, Any] = {}
            for edge in tape.edges:
                if edge.backward == number and edge.contribution is not None:
                    value = np.asarray(edge.contribution)
                    sums[edge.target] = sums.get(edge.target, 0.0) + value
            for step in tape.backward(number):
                if step.gradient is not None and step.op in sums:
                    gradient = np.asarray(step.gradient)
                    if not np.allclose(
                        sums[step.op], gradient, rtol=1e-9, atol=1e-12, equal_nan=True
                    ):
                        wrong.append(f"{step.op} in backward {number}")
        return wrong

    @staticmethod
    def wrong_slots(tape: Tape) -> list[str]:
        """Every edge whose slot is not the position of its target in the inputs of its source."""
        return [
            f"{edge.source} -> {edge.target}"
            for edge in tape.edges
            if tape[edge.source].inputs[edge.slot] != edge.target
        ]

    @staticmethod
    def missing_values(tape: Tape) -> list[str]:
        """Ops without a value, except nodes with several outputs, whose outputs have the values."""
        parents = {op.inputs[0] for op in tape if op.op == "output"}
        return [op.id for op in tape if op.value is None and op.id not in parents]


@pytest.fixture(scope="session")
def tape_checks() -> type[TapeChecks]:
    return TapeChecks
