"""GraphBuild: the figures of the lecture, and the numbers at other inputs."""

from typing import Any

import pytest

from tests.scenes.run_scene import manifest_of, number_texts


def numbers_by_source(result: dict[str, Any], beat: str) -> dict[str, float]:
    (row,) = [b for b in result["beats"] if b["name"] == beat]
    return {n["source"]: n["value"] for n in row["numbers"]}


def test_the_figures_of_the_lecture() -> None:
    result = manifest_of("GraphBuild")
    assert sorted(number_texts(result, "the whole graph")) == sorted(["2", "3", "6", "4", "10"])
    names = {op["name"]: op["grad_fn"] for op in result["tape"]["ops"] if op["grad_fn"]}
    assert names == {"a": "MulBackward0", "b": "PowBackward0", "z": "AddBackward0"}


@pytest.mark.parametrize(("x", "y"), [(5.0, -1.0), (-0.5, 0.25)])
def test_the_numbers_follow_the_inputs(x: float, y: float) -> None:
    shown = numbers_by_source(manifest_of("GraphBuild", x=x, y=y), "the whole graph")
    assert sorted(shown.values()) == sorted([x, y, x * y, x**2, x * y + x**2])
