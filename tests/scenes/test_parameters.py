"""Every parameter of every scene is changed by some test that checks the result.

The tests are read as source text: a parameter counts as changed where its name is a keyword of a
scene that is played, or a key of a dict, with another value than the default, and the test asserts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradreel.catalog import SceneEntry, find_entries, syllabus_scenes

FOLDER = Path(__file__).parent
PLAYERS = ("dry_run", "manifest_of")
# Which part of a large program is opened changes the picture, but none of the numbers.
VISUAL = {("BackwardFlow", "inside")}


def parts(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a test, without those in a `with pytest.raises`."""
    if isinstance(node, ast.With) and "raises" in ast.dump(node.items[0]):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from parts(child)


def named_values(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Names with values, from the keywords of calls and the keys of dicts."""
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value


def played(nodes: list[ast.AST]) -> set[str]:
    """The names of the scenes that are played."""
    calls = [node for node in nodes if isinstance(node, ast.Call) and node.args]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in PLAYERS
        and isinstance(call.args[0], ast.Constant)
    }


def constants(source: str) -> Iterator[tuple[str, ast.expr]]:
    """The module-level assignments, among them lists of cases."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def changes(source: str) -> Iterator[tuple[str, str, ast.expr]]:
    """Scene, parameter and value, of every test of a module that plays a scene and asserts."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    cases = dict(constants(source))
    helpers = {f.name: played(list(parts(f))) for f in functions if "test" not in f.name}
    for function in functions:
        nodes = list(parts(function))
        if not any(isinstance(node, ast.Assert) for node in nodes):
            continue
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        nodes += [part for name in names & cases.keys() for part in ast.walk(cases[name])]
        called = names & helpers.keys()
        for scene in played(nodes).union(*(helpers[name] for name in called)):
            yield from ((scene, name, value) for name, value in named_values(nodes))


def changed(scene: str, defaults: dict[str, object], sources: list[str]) -> set[str]:
    """The parameters that get another value than their default."""
    return {
        name
        for source in sources
        for changed_scene, name, value in changes(source)
        if changed_scene == scene and name in defaults and not is_default(value, defaults[name])
    }


def is_default(value: ast.expr, default: object) -> bool:
    """Whether an expression is a literal that equals the default."""
    try:
        return bool(ast.literal_eval(value) == default)
    except ValueError:
        return False


SOURCES = [path.read_text("utf-8") for path in FOLDER.rglob("test_*.py") if path != Path(__file__)]
SCENES = [entry for entry in syllabus_scenes() if not entry.name.startswith("Walk")]
# The walk scenes are CodeWalk with a script of their own: their parameters are tested there.
[CODE_WALK] = find_entries("scenes/code_walk.py:CodeWalk")


@pytest.mark.parametrize("entry", [*SCENES, CODE_WALK], ids=lambda entry: entry.name)
def test_every_parameter_is_changed_by_some_test(entry: SceneEntry) -> None:
    defaults = {row["name"]: row["default"] for row in entry.to_dict()["parameters"]}
    left = {name for name in defaults if (entry.name, name) not in VISUAL}
    left -= changed(entry.name.split(":")[-1], defaults, SOURCES)
    assert not left, f"no test changes {', '.join(sorted(left))} of {entry.name}"


def test_the_walk_scenes_have_the_parameters_of_code_walk() -> None:
    names = [row["name"] for row in CODE_WALK.to_dict()["parameters"]]
    walks = [entry for entry in syllabus_scenes() if entry.name.startswith("Walk")]
    assert len(walks) == 9
    assert all([row["name"] for row in walk.to_dict()["parameters"]] == names for walk in walks)


CHECKED = "def test_a():\n    scene = dry_run('A', depth={depth})\n    assert scene\n"
RAISES = (
    "def test_a():\n    with pytest.raises(E):\n        manifest_of('A', depth=4)\n    assert 1\n"
)
CASES = "C = [{'depth': 4}]\n\n"
PARAMETRIZED = "@mark({cases})\ndef test_a(p):\n    assert manifest_of('A', **p)\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (CHECKED.format(depth=4), {"depth"}),
        (CHECKED.format(depth=3), set()),
        (CHECKED.format(depth=4).replace("assert scene", "pass"), set()),
        (CHECKED.format(depth=4).replace("'A'", "'B'"), set()),
        (RAISES, set()),
        (PARAMETRIZED.format(cases="[{'depth': 4}]"), {"depth"}),
        (CASES + PARAMETRIZED.format(cases="C"), {"depth"}),
    ],
)
def test_only_parameters_of_checked_scenes_count(source: str, expected: set[str]) -> None:
    assert changed("A", {"depth": 3}, [source]) == expected
