"""Which modules each package may load, and what scenes may not contain."""

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
    "gradreel.golden": HEAVY,
    "gradreel.project": HEAVY,
    "gradreel.testing.pytest_plugin": HEAVY
    | {"deltarender", "gradreel.catalog", "gradreel.golden"},
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


def scene_files(*endings: str) -> list[Path]:
    """The files of scenes/ with these endings; without any, the scenes themselves."""
    files = sorted((ROOT / "scenes").rglob("*.py"))
    if endings:
        return [path for path in files if path.stem.endswith(endings)]
    return [p for p in files if not p.stem.endswith(("__init__", "_figure", "_experiment"))]


@pytest.mark.parametrize(("ending", "forbidden"), [("_figure", "torch"), ("_experiment", "manim")])
def test_figures_load_no_torch_and_experiments_no_manim(ending: str, forbidden: str) -> None:
    modules = [
        ".".join(["gradreel", *path.relative_to(ROOT).with_suffix("").parts])
        for path in scene_files(ending)
    ]
    assert len(modules) >= 10
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert forbidden not in done.stdout.split()


@pytest.mark.parametrize("path", scene_files(), ids=lambda p: p.stem)
def test_a_scene_builds_no_quantity(path: Path) -> None:
    tree = ast.parse(path.read_text())
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Quantity"
    ]
    assert not lines, f"{path.name} builds a Quantity in lines {lines}"


@pytest.mark.parametrize("path", scene_files(), ids=lambda p: p.stem)
def test_construct_reads_as_a_table_of_contents(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name == "construct":
            assert (node.end_lineno or 0) - node.lineno < 45
