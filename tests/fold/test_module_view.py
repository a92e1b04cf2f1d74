"""A program folded by its modules: what each card contains, its name, and ways into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradreel.errors import UsageError
from gradreel.fold import Fold, FoldedTape, id_of, ops_of
from gradreel.fold.module_choice import choose_module, fold_containing, is_fold_of, module_ops
from gradreel.fold.module_view import module_view, open_module
from gradreel.record.program_loader import load_program
from gradreel.tape import Tape

PROGRAMS = Path(__file__).parents[1] / "record" / "programs"


@pytest.fixture(scope="module")
def gpt() -> Tape:
    return load_program(f"{PROGRAMS}/real.py:MiniGPT", {"ids": "randint(0, 11, 2, 7)"}).record()


@pytest.fixture(scope="module")
def gan() -> Tape:
    inputs = {"z": "randn(4, 2)", "real": "randn(4, 3)"}
    return load_program(f"{PROGRAMS}/real.py:GAN", inputs).record()


@pytest.fixture(scope="module")
def lenet() -> Tape:
    inputs = {"x": "randn(1, 1, 12, 12)", "y": "int([3])"}
    return load_program(f"{PROGRAMS}/real.py:LeNet", inputs).record()


def names(view: FoldedTape) -> list[str]:
    """The cards in reading order, with class and number of parameters of modules."""
    cards = []
    for part in view.parts:
        if view[id_of(part)].op == "constant":
            continue
        name = view[id_of(part)].name
        if isinstance(part, Fold) and part.kind == "module":
            name = f"{name} {part.module_class} {part.parameters}"
        cards.append(name)
    return cards


def test_the_module_calls_of_a_tape_are_a_tree(gpt: Tape) -> None:
    by_path = {call.path: call for call in gpt.module_calls}
    assert by_path["h.1.attn.qkv"].kind == "Linear"
    assert by_path["h.1.attn.qkv"].parameters == 8 * 24 + 24
    parent = gpt.module_calls[by_path["h.1.attn.qkv"].parent - 1]
    assert (parent.path, parent.kind) == ("h.1.attn", "SelfAttention")
    computed = [op for call in gpt.module_calls for op in call.ops]
    assert len(computed) == len(set(computed))
    assert Tape.from_json(gpt.to_json()) == gpt


def test_an_overview_has_the_calls_of_the_outermost_modules(gpt: Tape, lenet: Tape) -> None:
    assert names(module_view(gpt, 18)) == [
        "ids", "ids[:, :-1]", "wte Embedding 88", "pos", "wpe Embedding 48", "x",
        "h.0 Block 872", "h.1 Block 872", "h.2 Block 872", "ln_f LayerNorm 16",
        "lm_head Linear 88", "reshape", "ids[:, 1:]", "reshape", "cross_entropy",
    ]  # fmt: skip
    assert names(module_view(lenet, 15))[1:4] == ["conv1 Conv2d 20", "relu", "max_pool2d"]


def test_a_smaller_overview_names_what_it_joins(lenet: Tape) -> None:
    assert names(module_view(lenet, 9)) == [
        "x", "conv1 → relu → max_pool2d", "conv2 → relu → max_pool2d", "flatten", "fc1 → relu",
        "fc2 → relu", "fc3 Linear 40", "y", "cross_entropy",
    ]  # fmt: skip


@pytest.mark.parametrize("most", range(4, 19))
def test_no_card_has_a_part_of_a_module_with_something_else(most: int, gpt: Tape) -> None:
    view = module_view(gpt, most)
    assert sorted(op for part in view.parts for op in ops_of(part)) == sorted(op.id for op in gpt)
    for path in {call.path.split(".attn")[0] for call in gpt.module_calls} - {""}:
        inside = module_ops(view, path) if path.count(".") < 2 else frozenset()
        holders = [part for part in view.parts if inside & set(ops_of(part))]
        assert len(holders) <= 1


def test_the_way_to_a_module_at_any_depth(gpt: Tape) -> None:
    view = module_view(gpt, 15)
    part, target = choose_module(view, "h.0.attn")
    assert part is not None and part.name == "h.0" and not is_fold_of(view, part, target)
    block = open_module(view, part, 15)
    assert names(block)[:2] == ["ln_1 LayerNorm 16", "attn SelfAttention 288"]
    attention = fold_containing(block, target)
    assert attention is not None and is_fold_of(block, attention, target)
    inside = open_module(block, attention, 11)
    assert "qkv Linear 216" in names(inside) and "q, k, v" in names(inside)
    with pytest.raises(UsageError, match=r"h\.0\.attn"):
        choose_module(view, "h.0.atn")
    assert choose_module(view, "none") == (None, frozenset())
    chosen, _ = choose_module(view)
    assert chosen is not None and chosen.name == "h.2"  # the last one that is made of modules


def test_parameters_of_a_module_that_is_called_again_are_one_card(gan: Tape) -> None:
    view = module_view(gan, 18)
    cards = names(view)
    assert "D parameters" in cards
    assert [c for c in cards if c.startswith("D ") and "Sequential" in c] == [
        "D Sequential 41", "D (call 2) Sequential 41", "D (call 3) Sequential 41",
    ]  # fmt: skip
    shared = next(fold for fold in view.folds if fold.kind == "inputs")
    users = {op.id for op in view if shared.id in op.inputs}
    assert len(users) == 3


def test_the_numbers_of_a_view_are_those_of_the_tape(gpt: Tape) -> None:
    view = module_view(gpt, 12)
    for step in view.backward():
        output = view.outputs[step.op]
        if step.gradient is not None:
            assert step.gradient == next(s.gradient for s in gpt.backward() if (s.op,) == output)
