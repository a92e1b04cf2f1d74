"""Scrub tracks: times and numbers sampled from moving points, against closed forms."""

from __future__ import annotations

import pytest

from gradreel.errors import NumberError
from gradreel.functions.function import Function
from gradreel.functions.scrub_track import ScrubTrack


def test_samples_of_a_moving_point():
    x_now = [1.0]
    track = ScrubTrack(
        lambda: Function.parse("x**3").point_at(x_now[0]), {"x": "x", "slope": "f'(x)"}
    )
    for time, x in ((0.0, 1.0), (0.1, 1.0), (0.2, 2.0), (0.3, -0.5)):
        x_now[0] = x
        track.sample(time)
    data = track.to_json()
    assert data["times"] == [0.0, 0.2, 0.3]  # equal samples are stored once
    assert data["values"]["f'(x)"] == pytest.approx([3.0, 12.0, 0.75], rel=1e-12)
    assert data["readings"] == {"x": ["1.00", "2.00", "-0.50"], "f'(x)": ["3.00", "12.00", "0.75"]}


def test_paths_of_attributes_and_the_number_of_decimals():
    f = Function.parse("(3*x+1)**2")
    names = {"links.0.input": "x", "links.0.slope": "du/dx", "links.1.slope": "dy/du", "slope": "s"}
    track = ScrubTrack(lambda: f.chain(2.0), names, decimals=1)
    track.sample(0.5)
    data = track.to_json()
    assert data["readings"] == {"x": ["2.0"], "du/dx": ["3.0"], "dy/du": ["14.0"], "s": ["42.0"]}


def test_an_empty_track_and_a_bare_number():
    assert ScrubTrack(lambda: None, {}).to_json() == {"times": [], "readings": {}, "values": {}}
    with pytest.raises(NumberError, match="a bare float"):
        ScrubTrack(lambda: 1.5, {"real": "x"}).sample(0.0)
