"""Golden files: every difference is reported with its path, except rounding."""

from __future__ import annotations

import copy
import math

import pytest

from gradreel.golden import find_differences, write_golden_file

VALUES = {
    "scene": "S",
    "inputs": {"x": 2.0},
    "beats": [
        {"name": "start", "numbers": [{"text": "7", "value": 7.0, "source": "f at 2"}]},
        {"name": "end", "numbers": []},
    ],
    "tape": {"ops": [{"id": "x", "name": "x", "value": 2.0}]},
}


def test_a_file_agrees_with_the_values_it_was_written_from(tmp_path):
    write_golden_file("S", VALUES, tmp_path)
    assert find_differences("S", VALUES, tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["S.json"]


def test_a_missing_file_is_reported(tmp_path):
    (difference,) = find_differences("S", VALUES, tmp_path)
    assert "--update" in difference


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda v: v["beats"][0]["numbers"][0].update(value=7.0001), "beat 'start'"),
        (lambda v: v["beats"][0]["numbers"][0].update(text="8"), "beat 'start'"),
        (lambda v: v["beats"][1].update(name="finish"), "beat 'end'"),
        (lambda v: v["beats"].pop(), "1 entries instead of 2"),
        (lambda v: v["inputs"].update(x=3.0), "inputs, x"),
        (lambda v: v["tape"]["ops"][0].update(value=math.inf), "tape"),
        (lambda v: v.update(tape=None), "tape"),
    ],
)
def test_every_difference_is_reported_with_its_path(tmp_path, change, path):
    write_golden_file("S", VALUES, tmp_path)
    other = copy.deepcopy(VALUES)
    change(other)
    differences = find_differences("S", other, tmp_path)
    assert differences
    assert path in differences[0]


def test_rounding_is_not_a_difference(tmp_path):
    write_golden_file("S", VALUES, tmp_path)
    other = copy.deepcopy(VALUES)
    other["beats"][0]["numbers"][0]["value"] = 7.0 * (1 + 1e-13)
    assert find_differences("S", other, tmp_path) == []
