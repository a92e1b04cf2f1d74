"""SavedTensors against the memory of a network worked out on paper."""

from __future__ import annotations

import pytest

from gradreel.errors import UsageError
from tests.scenes.control.test_saved_tensor_memory_experiment import saved_tensors
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

DEFAULTS = {
    "depth": 8, "cut": 4, "rows": 250, "width": 250, "activation": "tanh", "dtype": "float32",
}  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"depth": 5, "cut": 1, "rows": 100, "width": 24, "activation": "gelu", "dtype": "float64"},
        {"depth": 16, "cut": 15, "rows": 1, "width": 1, "activation": "relu"},
    ],
)
def test_every_number_follows_the_parameters(given):
    p = {**DEFAULTS, **given}
    scene = dry_run("SavedTensors", **given)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 60
    size = p["rows"] * p["width"] * {"float32": 4, "float64": 8}[p["dtype"]]
    peaks = [
        max(saved_tensors(p["depth"], cut, p["activation"])[0]) * size for cut in (0, p["cut"])
    ]
    unit, power = next(
        (u, n) for u, n in (("MB", 1e6), ("kB", 1e3), ("B", 1)) if size * p["depth"] >= n
    )
    assert numbers(scene, beat="what backward needs")[0] == peaks[0] / power
    held = numbers(scene, beat="kept only behind the cut")[:3]
    assert held[:2] == [peaks[0] / power, 0] and 0 < held[2] <= peaks[1] / power
    assert f" {unit}. Under no_grad" in captions_of(scene)
    assert numbers(scene, "quoted", "powers of ten")[:4] == [10, 100, 50, 75]
    # Columns before the cut are empty, and the one after it stands to the right of the mark.
    lane = scene.networks[2]
    heights = [column.height for column in lane.columns]
    assert max(heights[: p["cut"] - 1], default=0) < 0.01 < min(heights[p["cut"] - 1 :])
    assert lane.xs[p["cut"] - 1] < lane.slash.get_x() < lane.columns[p["cut"] - 1].get_x()
    assert scene.scale.at(peaks[0])[0] == pytest.approx(scene.scale.dot.get_x())


@pytest.mark.parametrize(
    ("given", "word"), [({"cut": 5, "depth": 5}, "cut"), ({"rows": 0}, "rows")]
)
def test_what_cannot_be_shown_raises_an_error(given, word):
    with pytest.raises(UsageError, match=word):
        dry_run("SavedTensors", **given)
