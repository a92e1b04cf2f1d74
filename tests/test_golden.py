"""Golden files: any difference that matters is told where it is, rounding is not one."""

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


def test_what_was_written_agrees(tmp_path):
    write_golden_file("S", VALUES, tmp_path)
    assert find_differences("S", VALUES, tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["S.json"]


def test_a_missing_file_is_told(tmp_path):
    (told,) = find_differences("S", VALUES, tmp_path)
    assert "--update" in told


@pytest.mark.parametrize(
    ("change", "where"),
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
def test_every_difference_is_told_with_its_place(tmp_path, change, where):
    write_golden_file("S", VALUES, tmp_path)
    other = copy.deepcopy(VALUES)
    change(other)
    told = find_differences("S", other, tmp_path)
    assert told
    assert where in told[0]


def test_the_last_digits_of_a_float_are_no_difference(tmp_path):
    write_golden_file("S", VALUES, tmp_path)
    other = copy.deepcopy(VALUES)
    other["beats"][0]["numbers"][0]["value"] = 7.0 * (1 + 1e-13)
    assert find_differences("S", other, tmp_path) == []
