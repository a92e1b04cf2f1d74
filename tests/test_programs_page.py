"""docs/programs.md: its programs, commands, pictures, and what it says of the gradients."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import load_program
from gradreel.tape import Tape
from tests.scenes.run_scene import dry_run

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "programs.md"
SECTION = re.compile(
    r"^## .*?```python\n(?P<source>.*?)```.*?"
    r"```sh\n(?P<command>.*?)```.*?\((?P<picture>pictures.*?)\)",
    re.S | re.M,
)
SECTIONS = {m["picture"][17:-5]: m for m in SECTION.finditer(PAGE.read_text())}
MOST_BYTES, MOST_BYTES_OF_ALL = 36_000, 4_000_000
QUICK = ("two-batches", "hooks", "bias")


def command_of(name: str) -> tuple[str, dict[str, str], str]:
    """The scene, the parameters and the beat of a command of the page."""
    words = shlex.split(SECTIONS[name]["command"])
    assert words[:3] == ["python", "render.py", "stills"]
    values = [words[k + 1] for k, word in enumerate(words) if word == "-P"]
    return words[3], dict(value.split("=", 1) for value in values), words[-1]


def tape_of(name: str) -> Tape:
    _, params, _ = command_of(name)
    inputs, loss = split_inputs(params["inputs"]), params.get("loss", "")
    return load_program(str(ROOT / params["program"]), inputs, loss=loss).record()


def test_the_page_has_ten_programs() -> None:
    assert len(SECTIONS) == 10
    files = {path.stem for path in (ROOT / "docs" / "programs").glob("*.py")}
    assert {name.replace("-", "_") for name in SECTIONS} == files


@pytest.mark.parametrize("name", SECTIONS)
def test_a_program_is_printed_as_it_is_and_can_be_recorded(name: str) -> None:
    _, params, _ = command_of(name)
    path = ROOT / params["program"].partition(":")[0]
    assert SECTIONS[name]["source"] == path.read_text()
    assert tape_of(name).backwards
    assert 0 < (PAGE.parent / SECTIONS[name]["picture"]).stat().st_size <= MOST_BYTES


def test_what_the_page_says_of_gradients_is_so() -> None:
    last: dict[str, Any] = {row.leaf: row for row in tape_of("two-batches").grads}
    assert (last["w"].before, last["w"].after) == (-3, 0)
    tape = tape_of("hooks")
    assert [(h.name, h.before, h.after) for h in tape.hooks] == [
        ("tenfold", 12, 120), ("clamp", 363, 5),
    ]  # fmt: skip
    assert tape.grad("x") == 5
    assert tape_of("newton").grad("x") == pytest.approx(0.5 / 2**0.5, rel=1e-9)
    leaves = [op.shape for op in tape_of("classifier") if op.is_leaf and op.requires_grad]
    assert sum(shape[0] * (shape[1] if shape[1:] else 1) for shape in leaves) == 51
    gan = tape_of("gan")
    assert all(gan.grad(f"D.{k}.bias", 1, (0,)) is not None for k in (0, 2))
    assert gan.grad("G.2.bias", 1, (0,)) is None


@pytest.mark.parametrize(
    "name",
    [*QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in SECTIONS if n not in QUICK)],
)
def test_a_command_draws_the_beat_of_its_picture(name: str) -> None:
    scene, params, beat = command_of(name)
    film = dry_run(scene, **params)
    assert film.faults == []
    assert beat in [one.name for one in film.beats]


def test_the_pictures_of_the_repository_stay_small() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "docs" / "pictures").iterdir()]
    assert sum(sizes) <= MOST_BYTES_OF_ALL
