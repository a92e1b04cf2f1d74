"""The walls of the house: what each room loads, and what scenes may not write."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"manim", "torch", "numpy", "pydantic", "gradreel.scenes"}
FORBIDDEN = {
    "gradreel.errors": HEAVY,
    "gradreel.tape": HEAVY,
    "gradreel.expression": HEAVY,
    "gradreel.fold": HEAVY,
    "gradreel.narrate.voices": HEAVY,
    "gradreel.params": {"manim", "torch", "numpy", "gradreel.scenes"},
    "gradreel.catalog": {"manim", "torch", "numpy", "gradreel.scenes"},
    "gradreel.cli": {"manim", "torch", "numpy", "av", "rich", "gradreel.scenes"},
    "deltarender.jobs": HEAVY,
    "deltarender.batch": {"torch", "manim", "scenes", "gradreel.lecture.lecture_scene"},
    "gradreel.record": {"manim", "gradreel.scenes"},
    "gradreel.functions.function": {"manim", "gradreel.scenes"},
    "gradreel.functions.code_to_formula": {"manim", "gradreel.scenes"},
    "gradreel.theme": {"torch", "gradreel.scenes"},
    "gradreel.draw.folded": {"torch", "gradreel.scenes"},
    "gradreel.draw.graph": {"torch", "gradreel.scenes"},
    "gradreel.draw.plane": {"torch", "gradreel.scenes"},
    "gradreel.lecture.lecture_scene": {"torch", "gradreel.scenes"},
    "gradreel.lecture.backprop_scene": {"torch", "gradreel.scenes"},
    "gradreel.lint": {"torch", "gradreel.scenes"},
    "gradreel.publish.film": {"torch", "manim", "gradreel.scenes"},
    "gradreel.trace.script_trace": HEAVY,
    "gradreel.scenes": {"manim", "torch", "numpy", "pydantic"},
}


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_loads_nothing_it_may_not(room: str) -> None:
    code = f"import sys, {room}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & FORBIDDEN[room]


def scene_files() -> list[Path]:
    """The scenes themselves, without the figures and experiments beside them."""
    found = (ROOT / "scenes").rglob("*.py")
    return sorted(p for p in found if not p.stem.endswith(("__init__", "_figure", "_experiment")))


@pytest.mark.parametrize("path", scene_files(), ids=lambda p: p.stem)
def test_a_scene_makes_no_numbers_of_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text())
    built = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Quantity"
    ]
    assert not built, f"{path.name} builds a Quantity in line {built}"


@pytest.mark.parametrize("path", scene_files(), ids=lambda p: p.stem)
def test_a_caption_has_no_digits_of_its_own(path: Path) -> None:
    """Numbers in captions come from recordings; the second argument of `beat` holds none."""
    wrong = [
        (node.lineno, words)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "beat"
        for argument in node.args[1:2]
        for words in literal_words(argument)
        if any(character in "0123456789" for character in words)
    ]
    assert not wrong


def literal_words(node: ast.AST) -> list[str]:
    """The words of a string or f-string that stand in the source, without what is computed."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [word for part in node.values for word in literal_words(part)]
    return []


@pytest.mark.parametrize("path", scene_files(), ids=lambda p: p.stem)
def test_construct_reads_as_a_table_of_contents(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name == "construct":
            assert (node.end_lineno or 0) - node.lineno < 45
