"""CodeWalk and the walk scenes of the lecture: numbers against plain Python, beats, errors."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from gradreel.errors import UsageError
from tests.scenes.run_scene import dry_run

ROOT = Path(__file__).resolve().parents[2]

# The numbers that lecture.md gives for each program.
WALKS = {
    "walk_numerical": ("WalkNumerical", {"slope": [7.0]}),
    "walk_autograd": ("WalkAutograd", {"x": [2.0], "y": [12.0], "x.grad": [7.0]}),
    "walk_chain_by_hand": (
        "WalkChainByHand",
        {"u": [7.0], "y": [49.0], "du_dx": [3.0], "dy_du": [14.0], "dy_dx": [42.0]},
    ),
    "walk_chain_autograd": (
        "WalkChainAutograd",
        {"u": [7.0], "y": [49.0], "u.grad": [14.0], "x.grad": [42.0]},
    ),
    "walk_graph": (
        "WalkGraph",
        {"a": [6.0], "b": [4.0], "z": [10.0]},
    ),
    "walk_three_pillars": (
        "WalkThreePillars",
        {"z": [1.1], "loss": [0.01], "w.grad": [0.4], "b.grad": [0.2]},
    ),
    "walk_accumulation": ("WalkAccumulation", {"x.grad": [6.0, 33.0, 27.0]}),
    "walk_cutting": (
        "WalkCutting",
        {"y": [9.0], "n": [9.0], "d": [9.0], "loss": [27.0], "x.grad": [6.0]},
    ),
    "walk_descent": ("WalkDescent", {"loss": [9.0], "x": [0.6, 2.6778774]}),
}


@cache
def lecture_walk(module: str):
    """A walk of the lecture, played once per process."""
    scene = dry_run(WALKS[module][0])
    return scene, scene.faults


def numbers(scene) -> dict[str, list[float]]:
    """The numbers on screen by variable, in the order in which they appear."""
    found: dict[str, list[float]] = {}
    for beat in scene.manifest()["beats"]:
        for number in beat["numbers"]:
            match = re.fullmatch(r"(\S+) after line .*", number["source"])
            row = found.setdefault(match.group(1) if match else number["source"], [])
            if not row or row[-1] != number["value"]:
                row.append(number["value"])
    return found


@cache
def printed(program: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "assets" / "programs" / f"{program}.py")],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("module", WALKS)
def test_a_walk_shows_the_numbers_of_the_lecture(module: str) -> None:
    figures = WALKS[module][1]
    scene, faults = lecture_walk(module)
    shown = numbers(scene)
    for label, expected in figures.items():
        values = iter(shown[label])
        for figure in expected:
            assert any(abs(value - figure) < 1e-6 for value in values), (label, shown[label])
    assert faults == []
    assert 8 <= scene.time <= 22


@pytest.mark.parametrize("module", WALKS)
def test_the_output_is_what_python_prints(module: str) -> None:
    scene, _ = lecture_walk(module)
    program = Path(scene.params.script).stem
    assert [line for line, _ in scene.output.lines] == printed(program).splitlines()


@pytest.mark.parametrize("module", WALKS)
def test_notes_have_their_values_filled_in_and_time_to_be_read(module: str) -> None:
    scene, _ = lecture_walk(module)
    beats = scene.manifest()["beats"]
    said = [beat for beat in beats if beat["say"]]
    assert len(said) >= 3
    for beat in said:
        assert not re.search(r"[{}]", beat["say"])
        assert beat["end"] - beat["start"] >= len(beat["say"]) / 15 - 0.1
    assert len({beat["name"] for beat in beats}) == len(beats)


@pytest.mark.parametrize("module", WALKS)
def test_the_whole_program_is_on_screen_beside_its_picture(module: str) -> None:
    scene, _ = lecture_walk(module)
    assert scene.drawing is not None
    assert scene.code.tops[-1] <= scene.code.visible
    assert scene.code.offset == 0.0
    words = sum(len(beat["say"]) for beat in scene.manifest()["beats"])
    assert words / 14 < 13  # seconds of speech


@pytest.mark.parametrize("module", WALKS)
def test_the_result_stays_for_three_seconds(module: str) -> None:
    """The last claim begins half a second after its numbers have come."""
    scene, _ = lecture_walk(module)
    last = scene.manifest()["beats"][-1]
    assert last["end"] - last["sentences"][-1]["start"] >= 2.5
    assert {n["text"] for n in last["numbers"]}


def test_all_walks_together_take_two_minutes() -> None:
    assert sum(lecture_walk(module)[0].time for module in WALKS) <= 120


def test_a_value_stands_behind_its_line_and_is_pale_once_another_line_has_changed_it() -> None:
    from gradreel.theme import colors

    scene, _ = lecture_walk("walk_accumulation")
    rows = {row.name: list(row.parts.values()) for row in scene.player.values.rows}
    shown = {line: [part.text for part in parts] for line, parts in rows.items()}
    assert shown == {
        "4": ["x.grad = 6"], "7": ["x.grad = 33"], "10": ["x.grad = 0"], "11": ["x.grad = 27"],
    }  # fmt: skip
    letters = [parts[0].family_members_with_points()[0] for parts in rows.values()]
    tones = [letter.get_fill_color().to_hex() for letter in letters]
    assert tones == [colors.muted] * 3 + [colors.gradient]


def test_numbers_that_differ_in_late_digits_show_these_digits() -> None:
    scene, _ = lecture_walk("walk_numerical")
    beats = scene.manifest()["beats"]
    shown: dict[str, set[str]] = {}
    for number in beats[-1]["numbers"]:
        shown.setdefault(number["source"].split()[0], set()).add(number["text"])
    assert (shown["here"], shown["there"]) == ({"12"}, {"12.000000700000008"})
    # In the picture, the decimals stand below each other; behind its line and in the sentence, the
    # exact slope is short.
    assert (shown["slope"], shown["exact"]) == ({"7.00000008"}, {"7", "7.00000000"})


def test_another_script_in_a_walk_of_the_lecture_has_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("import torch\n\nx = torch.tensor(1.5)\nb = 2 * x\n")
    scene = dry_run("WalkCutting", script=path)
    assert scene.drawing is None
    assert numbers(scene) == {"x": [1.5], "b": [3.0]}
    assert scene.faults == []


def walk(folder: Path, source: str, **params: str):
    path = folder / "script.py"
    path.write_text(source, encoding="utf-8")
    scene = dry_run("CodeWalk", script=path, **params)
    return scene, scene.faults


TRAINING = """
import torch
from torch import nn

X = torch.linspace(-1, 1, 8).unsqueeze(1)
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(40):
    loss = nn.functional.mse_loss(model(X), 2 * X)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"{model.weight.item():.4f}")
"""


def test_a_training_loop_ends_with_the_weight_that_plain_torch_finds(tmp_path: Path) -> None:
    import torch

    scene, faults = walk(tmp_path, TRAINING.lstrip())
    torch.manual_seed(0)
    x = torch.linspace(-1, 1, 8).unsqueeze(1)
    model = torch.nn.Linear(1, 1)
    weight, bias = model.weight.item(), model.bias.item()
    for _ in range(40):
        # The gradient of the mean squared error, derived by hand.
        miss = weight * x + bias - 2 * x
        weight -= 0.1 * float((2 * miss * x).mean())
        bias -= 0.1 * float((2 * miss).mean())
    assert numbers(scene)["model.weight[0][0]"][-1] == pytest.approx(weight, abs=1e-5)
    assert faults == []
    assert any("40" in beat["name"] for beat in scene.manifest()["beats"])


def test_watch_hides_other_variables_and_an_unknown_name_raises_an_error(tmp_path: Path) -> None:
    source = "a = 1.5\nb = 2.5\nc = a * b\n"
    scene, _ = walk(tmp_path, source, watch="c")
    assert set(numbers(scene)) == {"c"}
    with pytest.raises(UsageError, match="a, b, c"):
        walk(tmp_path, source, watch="d")


def test_a_script_without_notes_says_what_its_lines_do(tmp_path: Path) -> None:
    source = """
import torch
x = torch.tensor(3.0, requires_grad=True)
y = x**2
y.backward()
y = x**3
y.backward()
x.grad = None
for i in range(5):
    y = x * i
"""
    scene, faults = walk(tmp_path, source.lstrip())
    # By hand: 2x is 6 at 3, and 3x² is 27.
    assert [beat["say"].strip() for beat in scene.manifest()["beats"]] == [
        "backward() fills x.grad with 6.",
        "backward() adds to what was there: x.grad is now 33.",
        "y is 0; its grad_fn is MulBackward0.",
        "y is 3; its grad_fn is MulBackward0.",
        "The next iterations do the same.",
    ]
    assert faults == []


def test_linger_adds_two_seconds_and_wrong_lines_raise_errors(tmp_path: Path) -> None:
    source = "a = 1.5\nb = 2.5\nc = a * b\n"
    plain, _ = walk(tmp_path, source)
    longer, _ = walk(tmp_path, source, linger="2")
    assert longer.time - plain.time == pytest.approx(2.0, abs=0.2)
    with pytest.raises(UsageError, match="line 9"):
        walk(tmp_path, source, linger="9")
    with pytest.raises(UsageError, match="line number"):
        walk(tmp_path, source, linger="two")


def test_an_exception_ends_the_walk_and_is_named(tmp_path: Path) -> None:
    scene, faults = walk(tmp_path, "a = 1\nb = a / 0\n")
    assert "ZeroDivisionError" in scene.manifest()["beats"][-1]["say"]
    assert scene.output.lines == [("ZeroDivisionError: division by zero", "")]
    assert faults == []


def test_a_note_with_an_unknown_variable_raises_an_error_with_the_known_ones(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="price"):
        walk(tmp_path, "#: It costs {prize}.\nprice = 3.0\n")


def test_importing_the_scene_does_not_import_torch() -> None:
    code = "import sys, gradreel.scenes.code_walk; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0
