"""Golden files: every difference is reported with its beat, number and source, except rounding."""

from __future__ import annotations

import copy
import json
import math

import pytest

from gradreel.errors import UsageError
from gradreel.golden import Tolerance, as_text, find_differences, write_golden_file

VALUES = {
    "scene": "S",
    "inputs": {"x": 2.0},
    "beats": [
        {
            "name": "start",
            "numbers": [
                {"text": "7", "value": 7.0, "source": "f at 2"},
                {"text": "8", "value": 8.0, "source": "g at 2"},
            ],
        },
        {"name": "end", "numbers": []},
    ],
    "tape": {
        "ops": [{"id": "x", "name": "x", "value": 2.0}, {"id": "y", "name": "y", "value": 4.0}],
        "edges": [{"from": "y", "to": "x", "slot": 0, "contribution": 1.0, "backward": 1}],
    },
}


def differences(tmp_path, change, tolerance=None):
    """What is found after `change` to the values of a golden file."""
    write_golden_file("S", VALUES, tmp_path)
    other = copy.deepcopy(VALUES)
    change(other)
    return find_differences("S", other, tmp_path, tolerance or Tolerance())


def first_number(values):
    return values["beats"][0]["numbers"][0]


def test_a_file_agrees_with_the_values_it_was_written_from(tmp_path):
    write_golden_file("S", VALUES, tmp_path)
    assert find_differences("S", VALUES, tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["S.json"]


def test_a_missing_file_is_no_difference(tmp_path):
    assert find_differences("S", VALUES, tmp_path) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"scene": "S"}'])
def test_another_file_is_wrong_use(tmp_path, text):
    (tmp_path / "S.json").write_text(text)
    with pytest.raises(UsageError, match="not a golden file"):
        find_differences("S", VALUES, tmp_path)


@pytest.mark.parametrize(
    ("change", "beat", "where"),
    [
        (lambda v: first_number(v).update(value=7.0001), "start", ""),
        (lambda v: first_number(v).update(text="8.0"), "start", ""),
        (lambda v: first_number(v).update(source="h at 2"), "start", "source was f at 2"),
        (lambda v: v["beats"].pop(), "end", ""),
        (lambda v: v["inputs"].update(x=3.0), "", "inputs, x"),
        (lambda v: v["tape"]["ops"][0].update(value=math.inf), "", "tape, ops, x, value"),
        (
            lambda v: v["tape"]["edges"][0].update(contribution=2.0),
            "",
            "tape, edges, y to x, slot 0, backward 1, contribution",
        ),
        (lambda v: v.update(tape=None), "", "tape"),
    ],
)
def test_every_difference_is_reported_with_its_place(tmp_path, change, beat, where):
    (found,) = differences(tmp_path, change)
    assert (found.beat, found.where) == (beat, where)
    assert found.to_dict().keys() >= {"kind", "was", "is", "source", "relative_difference"}


def test_a_renamed_beat_is_gone_and_new(tmp_path):
    found = differences(tmp_path, lambda v: v["beats"][1].update(name="finish"))
    assert {(d.kind, d.beat) for d in found} == {("gone", "end"), ("new", "finish")}


@pytest.mark.parametrize("index", [0, 1, 2])
def test_one_more_number_does_not_shift_the_others(tmp_path, index):
    more = {"text": "1", "value": 1.0, "source": "h at 2"}
    (found,) = differences(tmp_path, lambda v: v["beats"][0]["numbers"].insert(index, more))
    assert (found.kind, found.source, found.now) == ("new", "h at 2", 1.0)


def test_one_more_op_does_not_shift_the_others(tmp_path):
    op = {"id": "w", "name": "w", "value": 0.0}
    (found,) = differences(tmp_path, lambda v: v["tape"]["ops"].insert(0, op))
    assert (found.kind, found.where) == ("new", "tape, ops, w")


def test_the_text_names_beat_digits_value_source_and_relative_difference(tmp_path):
    found = differences(tmp_path, lambda v: first_number(v).update(text="14", value=14.0))
    lines = as_text(found, "S").splitlines()
    assert lines[0] == "S: 1 difference"
    assert lines[1].strip() == "beat 'start'"
    assert lines[2].strip() == "7 -> 14  (was 7.0, is 14.0, relative difference 5.0e-01)"
    assert lines[3].strip() == "source: f at 2"


def test_a_long_tape_is_cut_short_in_the_text(tmp_path):
    ops = [{"id": f"n{k}", "name": "", "value": 1.0} for k in range(50)]
    found = differences(tmp_path, lambda v: v["tape"].update(ops=[*v["tape"]["ops"], *ops]))
    assert len(found) == 50
    text = as_text(found, "S")
    assert "and 44 more" in text
    assert len(text.splitlines()) < 10


def test_rounding_is_not_a_difference(tmp_path):
    assert not differences(tmp_path, lambda v: first_number(v).update(value=7.0 * (1 + 1e-13)))


def test_a_number_may_have_its_own_tolerance(tmp_path):
    own = Tolerance(by_source={"f at *": 1e-2})
    near = {"text": "7.01", "value": 7.01}
    assert not differences(tmp_path, lambda v: first_number(v).update(near), own)
    assert differences(tmp_path, lambda v: first_number(v).update(value=8.0), own)
    assert differences(tmp_path, lambda v: v["beats"][0]["numbers"][1].update(value=8.01), own)


def test_the_file_is_strict_json_for_numbers_that_are_not_finite(tmp_path):
    found = differences(tmp_path, lambda v: first_number(v).update(value=math.nan))
    assert found[0].relative is None
    assert json.dumps([d.to_dict() for d in found])


def test_other_digits_of_the_same_value_are_not_called_another_value(tmp_path):
    found = differences(tmp_path, lambda values: first_number(values).update(text="7.00"))
    assert "7 -> 7.00  (value 7.0)" in as_text(found, "S")
