"""A sweep keeps what was read when, against slopes known in closed form."""

from __future__ import annotations

import pytest

from gradreel.errors import NumberError
from gradreel.functions.function import Function
from gradreel.functions.scrub_track import ScrubTrack


def test_rows_of_a_moving_point():
    place = [1.0]
    sweep = ScrubTrack(
        lambda: Function.parse("x**3").point_at(place[0]), {"x": "x", "slope": "f'(x)"}
    )
    for time, x in ((0.0, 1.0), (0.1, 1.0), (0.2, 2.0), (0.3, -0.5)):
        place[0] = x
        sweep.sample(time)
    told = sweep.to_json()
    assert told["times"] == [0.0, 0.2, 0.3]  # a rest is one row
    assert told["values"]["f'(x)"] == pytest.approx([3.0, 12.0, 0.75], rel=1e-12)
    assert told["readings"] == {"x": ["1.00", "2.00", "-0.50"], "f'(x)": ["3.00", "12.00", "0.75"]}


def test_paths_into_what_is_read_and_its_places():
    f = Function.parse("(3*x+1)**2")
    names = {"links.0.input": "x", "links.0.slope": "du/dx", "links.1.slope": "dy/du", "slope": "s"}
    sweep = ScrubTrack(lambda: f.chain(2.0), names, decimals=1)
    sweep.sample(0.5)
    told = sweep.to_json()
    assert told["readings"] == {"x": ["2.0"], "du/dx": ["3.0"], "dy/du": ["14.0"], "s": ["42.0"]}


def test_an_empty_sweep_and_a_bare_number():
    assert ScrubTrack(lambda: None, {}).to_json() == {"times": [], "readings": {}, "values": {}}
    with pytest.raises(NumberError, match="a bare float"):
        ScrubTrack(lambda: 1.5, {"real": "x"}).sample(0.0)
