"""What a scene asks for besides files is noted, and what libraries ask for themselves is not."""

from __future__ import annotations

import logging
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deltarender.engine.read_tracker import ReadTracker
from deltarender.facts import Fact, FactKind, describe_variable


def tracked(scene: Callable[[], object], **options: object) -> ReadTracker:
    tracker = ReadTracker([], [Path(__file__).parent], **options)  # type: ignore[arg-type]
    try:
        scene()
    finally:
        tracker.stop()
    return tracker


def variables(tracker: ReadTracker) -> set[Fact]:
    return {fact for fact in tracker.facts if fact.kind is FactKind.VARIABLE}


def test_variables_that_a_scene_asks_for_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOR_OF_A_TEST", "red")

    def scene() -> None:
        os.environ["SET_BY_A_TEST"] = "1"
        values = (os.environ["COLOR_OF_A_TEST"], os.getenv("NONE_OF_A_TEST"), os.environ["HOME"],
                  os.environ["SET_BY_A_TEST"], os.getenv("THEME_OF_A_TEST"))  # fmt: skip
        assert values[0] == "red"
        del os.environ["SET_BY_A_TEST"]

    found = variables(tracked(scene, variables=["THEME_OF_A_TEST"]))
    assert {fact.subject for fact in found} == {"COLOR_OF_A_TEST", "NONE_OF_A_TEST", "HOME"}
    state = describe_variable("COLOR_OF_A_TEST", "red")
    assert Fact(FactKind.VARIABLE, "COLOR_OF_A_TEST", (state,)) in found
    assert "red" not in state


def test_what_libraries_ask_for_themselves_is_not_noted() -> None:
    def scene() -> None:
        logging.getLogger("a test").warning("takes the time")
        tempfile.mkdtemp()  # takes random numbers, and looks at TMPDIR
        os.path.expanduser("~/x")

    tracker = tracked(scene)
    assert tracker.causes == []
    assert not {fact.subject for fact in variables(tracker)} & {"HOME", "TMPDIR"}


@pytest.mark.parametrize(
    ("scene", "is_cause"),
    [
        (lambda: (random.seed(1), random.random()), False),
        (lambda: (np.random.seed(1), np.random.rand()), False),
        (lambda: np.random.default_rng(1).random(), False),
        (lambda: random.seed(None), False),  # as Manim does for every scene
        (lambda: (random.random(), random.seed(1)), True),
        (random.random, True),
        (np.random.rand, True),
    ],
)  # fmt: skip
def test_random_numbers_are_a_cause_unless_they_are_seeded(
    scene: Callable[[], object], is_cause: bool
) -> None:
    causes = tracked(scene).causes
    assert causes == ["random numbers without a seed"] * is_cause
