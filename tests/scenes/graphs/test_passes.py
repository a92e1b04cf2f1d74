"""BackwardFlow of passes that add to .grad, run hooks, or start with something other than 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradreel.draw.folded.folded_graph import cards_are_separate
from gradreel.draw.tensors import tensor_graph
from gradreel.fold import choose_fold
from gradreel.record.program_loader import load_program
from tests.scenes.run_scene import captions_of, dry_run, number_texts, numbers

PROGRAMS = Path(__file__).parents[2] / "record" / "programs" / "passes.py"


THIRD_DERIVATIVE = """
import torch

def third(x):
    y = x.sin() * x
    for _ in range(2):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y
"""


def film_of(name: str, inputs: str, scene: str = "BackwardFlow", **params: object):
    film = dry_run(scene, program=f"{PROGRAMS}:{name}", inputs=inputs, **params)
    assert film.faults == []
    return film


def test_the_second_batch_adds_to_the_first() -> None:
    film = film_of("two_batches", "w=0.5")
    assert number_texts(film.manifest(), "at w")[-6:] == ["-3", "3", "0", "3", "-3", "0"]
    assert "Pass 2 of 2 starts at" in captions_of(film)
    assert "w.grad was −3 already, so it is 0 now." in captions_of(film)


def test_a_grad_that_has_become_zero_is_shown_as_zero() -> None:
    film = film_of("two_batches", "w=0.5", "TensorGraph")
    assert "Pass 2 of 2 went to a single number." in captions_of(film)
    assert numbers(film, "w.grad after backward 2", film.beats[-1].name) == [0.0]
    assert numbers(film, "no tensor") == []


def test_only_graphs_with_stacks_say_what_a_stack_is() -> None:
    said = captions_of(film_of("two_batches", "w=0.5"))
    assert "Forward computes loss@2: 0.25." in said
    assert "stack" not in said


@pytest.mark.parametrize("scene", ["BackwardFlow", "TensorGraph"])
def test_the_number_of_the_pass_and_what_grad_becomes_are_in_the_picture(scene: str) -> None:
    film = film_of("two_batches", "w=0.5", scene)
    (at_w,) = [row for row in film.manifest()["beats"] if row["name"] == "at w"]
    sources = {n["source"] for n in at_w["numbers"]}
    assert {"number of the backward pass", "backward passes of the program"} <= sources
    texts = number_texts(film.manifest(), "at w")
    assert all(texts.count(text) >= 2 for text in ("-3", "3", "0"))  # each drawn, and said
    assert "Forward computes loss@2: 0.25." in captions_of(film)  # as the card is called


def test_a_result_inside_a_fold_is_named_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(THIRD_DERIVATIVE, encoding="utf-8")
    film = dry_run("BackwardFlow", program=f"{tmp_path}/own.py:third", inputs="x=0.7")
    assert "Forward computes y@3: 1.0787." in captions_of(film)  # y is another value: 0.451
    assert film.faults == []


def test_a_hook_is_a_step_of_its_own() -> None:
    film = film_of("hooked", "x=2, y=3")
    beats = [beat.name for beat in film.beats]
    assert beats[-6:-1] == ["at h", "hook tenfold at h", "at x", "hook clamp at x", "x.grad"]
    assert number_texts(film.manifest(), "at x")[-3:] == ["3", "360", "363"]
    assert number_texts(film.manifest(), "at x").count("363") == 2  # in the picture and said
    assert number_texts(film.manifest(), "hook clamp at x")[-4:] == ["363", "5", "363", "5"]
    assert "the derivative" not in captions_of(film)


def test_a_custom_function_is_not_said_to_use_derivatives() -> None:
    film = film_of("reversal", "x=2, y=3")
    assert "The backward method of Reverse decides what it passes on." in captions_of(film)
    (r,) = [beat for beat in film.beats if beat.name == "at r"]
    assert "local derivatives" not in r.caption


def test_a_long_column_and_a_large_layer_are_sampled_and_counted_in_full() -> None:
    for name, inputs, count in (
        ("Wide", "x=randn(2, 784)", 7850),
        ("tall", "w=randn(2000, 1)", 2000),
    ):
        film = dry_run("TensorGraph", program=f"{PROGRAMS}:{name}", inputs=inputs, inside="none")
        assert film.faults == []
        assert numbers(film, "numbers in .grad")[-1] == count
        assert "several values" not in captions_of(film)


def test_a_pass_may_start_at_a_vector() -> None:
    for scene in ("BackwardFlow", "TensorGraph"):
        film = film_of("vector_seed", "x=[1, 2, 3]", scene)
        assert "starts at y, with the gradient that the program gave." in captions_of(film)


def test_the_cards_inside_a_large_layer_are_separate() -> None:
    tape = load_program(f"{PROGRAMS}:Wide", {"x": "randn(2, 784)"}).record()
    graph, _ = tensor_graph(tape)
    part = choose_fold(graph.view)
    assert cards_are_separate(graph.fold_interior(part).graph)


def test_hooks_of_a_vector_are_shown_by_a_graph_of_tensors() -> None:
    film = film_of("hooks_on_a_vector", "x=[1, 2]", "TensorGraph")
    beats = [beat.name for beat in film.beats]
    assert beats[-5:-1] == ["at x", "hook double at x", "hook triple at x", "x.grad"]
    assert "The hook triple gets the gradient at x and changes it." in captions_of(film)


TABLE = PROGRAMS.parent / "table.py"
SAID = {
    ("loss_of_one_element", "x=[0.5, -1, 2]"): (
        "Forward computes sum: 5.25.", "Backward starts at sum(pow, 0, keepdim=True) with 1.",
    ),
    ("retained_over_passes", "x=2"): ("y.grad was 3, and is 5 with it.",),
    ("view_changed_under_no_grad", "w=[0.5, -1, 2]"): ("what pow sent is w.grad.",),
}  # fmt: skip


@pytest.mark.parametrize("program", SAID)
def test_what_is_said_of_unusual_passes(program: tuple[str, str]) -> None:
    name, inputs = program
    film = dry_run("BackwardFlow", program=f"{TABLE}:{name}", inputs=inputs)
    assert film.faults == []
    for words in SAID[program]:
        assert words in captions_of(film)


def test_a_broadcast_is_not_called_a_sum_and_numbers_of_a_hook_are_not_called_slopes() -> None:
    film = dry_run(
        "TensorGraph", program=f"{TABLE}:outer_difference", inputs="x=[1, 2, 3], y=[0.5, 1]"
    )
    assert "element was used in 2 places at once." in captions_of(film)
    assert "found 5 slopes" in captions_of(film)
    film = dry_run("TensorGraph", program=f"{TABLE}:straight_through", inputs="x=0.3, w=2")
    assert "One pass backward went to 2 numbers." in captions_of(film)
