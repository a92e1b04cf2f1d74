"""SavedTensors against the memory of a network worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.errors import UsageError
from tests.scenes.control.test_saved_tensor_memory_experiment import saved_tensors
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

DEFAULTS = {
    "depth": 8, "rows": 250, "width": 250, "activation": "tanh", "dtype": "float32",
}  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"depth": 5, "rows": 100, "width": 24, "activation": "gelu", "dtype": "float64"},
        {"depth": 16, "rows": 1, "width": 1, "activation": "relu"},
    ],
)
def test_every_number_follows_the_parameters(given):
    p = {**DEFAULTS, **given}
    scene = dry_run("SavedTensors", **given)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 60
    size = p["rows"] * p["width"] * {"float32": 4, "float64": 8}[p["dtype"]]
    peak = max(saved_tensors(p["depth"], p["activation"])[0]) * size
    unit, power = next(
        (u, n) for u, n in (("MB", 1e6), ("kB", 1e3), ("B", 1)) if size * p["depth"] >= n
    )
    assert numbers(scene, beat="what backward needs") == [peak / power] * 2
    # Nothing is left after backward, and the caption says what there was.
    assert numbers(scene, beat="freed layer by layer") == [0, peak / power, peak / power]
    assert f"{peak / power:g} {unit} for its slopes" in captions_of(scene)
    assert numbers(scene, beat="nothing is kept") == [0, peak / power, 0]
    assert numbers(scene, "quoted", "powers of ten")[:4] == [10, 100, 50, 75]
    assert scene.scale.at(peak)[0] == pytest.approx(scene.scale.dot.get_x())


@pytest.mark.parametrize("time", [1, 2, 3, 4])
def test_tiles_lie_on_the_shelf_as_long_as_their_tensors_are_kept(time):
    """Forward through four layers and back: a layer's tile is there from its time on, and until
    backward comes to it."""
    shelf = dry_run("SavedTensors", depth=4, rows=2, width=2).shelf
    for now, there in ((time, range(time)), (8 - time, range(time))):
        shelf.clock.set_value(now)
        shelf.tiles.update()
        on_shelf = [tile.get_bottom()[1] > shelf.board_y for tile in shelf.tiles]
        seen = [tile[0].get_fill_opacity() for tile in shelf.tiles]
        assert [k for k, is_there in enumerate(on_shelf) if is_there] == list(there)
        assert seen == [1.0 if k in there else 0.0 for k in range(4)]


@pytest.mark.parametrize("activation", ["tanh", "gelu"])
def test_number_bar_and_tiles_follow_one_clock(activation):
    """At each time: the number is that of the tiles more than half there, and the bar is as long
    as the peak within what is on its way."""
    shelf = dry_run("SavedTensors", depth=4, rows=2, width=2, activation=activation).shelf
    for run in shelf.runs:
        peak = 0.0
        for time in np.arange(int(run.length) * 64 + 1) / 64:
            ways = run.held.max(axis=0) / 16  # of 16 bytes each, in tensors
            tiles = sum(run.share(time, k) * most for k, most in enumerate(ways))
            total, bar = float(run.total(time)) / 16, run.peak_share(time) / 16
            moving = {float(total) for total in run.totals[int(time) : int(time) + 2]}
            step = (max(moving) - min(moving)) / 16
            peak = max(peak, tiles)
            assert abs(total - tiles) <= step / 2 + 1e-9
            assert bar == pytest.approx(peak)
            assert abs(float(run.peak(time)) / 16 - bar) <= step / 2 + 1e-9
    assert [float(total) / 16 for total in shelf.runs[-1].totals] == [0, *[0] * 4]


def test_what_cannot_be_shown_raises_an_error():
    with pytest.raises(UsageError, match="rows"):
        dry_run("SavedTensors", rows=0)
