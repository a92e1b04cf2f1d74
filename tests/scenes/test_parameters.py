"""Every parameter of every scene is changed by some test that goes on to look at what came out.

The tests are read as text: a parameter counts as changed where its name is given to a scene, or
stands in a dict a test hands on, with a value other than the default, and the test asserts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradreel.catalog import SceneEntry, find_entries, syllabus_scenes

HERE = Path(__file__).parent
PLAYERS = ("rehearse", "score")
# What is drawn of the same numbers: the part of a large program that the film goes into.
VISUAL = {("BackwardFlow", "inside")}
# The nine walks are CodeWalk with a script of their own: what they take is tested there.
WALK = "CodeWalk"


def parts(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a test, but for what it expects to be refused."""
    if isinstance(node, ast.With) and "raises" in ast.dump(node.items[0]):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from parts(child)


def given(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Names with values, from the keywords of calls and the keys of dicts."""
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value


def played(nodes: list[ast.AST]) -> set[str]:
    """The scenes that are played there."""
    calls = [node for node in nodes if isinstance(node, ast.Call) and node.args]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in PLAYERS
        and isinstance(call.args[0], ast.Constant)
    }


def constants(source: str) -> Iterator[tuple[str, ast.expr]]:
    """What a module gives a name to: lists of cases stand there."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def changes(source: str) -> Iterator[tuple[str, str, ast.expr]]:
    """Scene, name and value, of every test of a module that plays the scene and asserts."""
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
            yield from ((scene, name, value) for name, value in given(nodes))


def changed(scene: str, defaults: dict[str, object], sources: list[str]) -> set[str]:
    """The parameters that get another value than their default."""
    return {
        name
        for source in sources
        for of, name, value in changes(source)
        if of == scene and name in defaults and not same(value, defaults[name])
    }


def same(value: ast.expr, default: object) -> bool:
    """Whether a test writes down the default itself."""
    try:
        return bool(ast.literal_eval(value) == default)
    except ValueError:
        return False


SOURCES = [
    path.read_text("utf-8") for path in HERE.glob("test_*.py") if path.name != "test_parameters.py"
]
SCENES = [entry for entry in syllabus_scenes() if not entry.name.startswith("Walk")]
[CODE_WALK] = find_entries("scenes/code_walk.py:CodeWalk")


@pytest.mark.parametrize("entry", [*SCENES, CODE_WALK], ids=lambda entry: entry.name)
def test_every_parameter_is_changed_somewhere(entry: SceneEntry) -> None:
    defaults = {row["name"]: row["default"] for row in entry.to_dict()["parameters"]}
    left = {name for name in defaults if (entry.name, name) not in VISUAL}
    left -= changed(entry.name.split(":")[-1], defaults, SOURCES)
    assert not left, f"no test changes {', '.join(sorted(left))} of {entry.name}"


def test_the_walks_take_what_code_walk_takes() -> None:
    names = [row["name"] for row in CODE_WALK.to_dict()["parameters"]]
    walks = [entry for entry in syllabus_scenes() if entry.name.startswith("Walk")]
    assert len(walks) == 9
    assert all([row["name"] for row in walk.to_dict()["parameters"]] == names for walk in walks)


LOOKS = "def test_a():\n    scene = rehearse('A', depth={depth})\n    assert scene\n"
REFUSED = "def test_a():\n    with pytest.raises(E):\n        score('A', depth=4)\n    assert 1\n"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (LOOKS.format(depth=4), {"depth"}),
        (LOOKS.format(depth=3), set()),
        (LOOKS.format(depth=4).replace("assert scene", "pass"), set()),
        (LOOKS.format(depth=4).replace("'A'", "'B'"), set()),
        (REFUSED, set()),
        ("@mark([{'depth': 4}])\ndef test_a(p):\n    assert score('A', **p)\n", {"depth"}),
        ("C = [{'depth': 4}]\n\n@mark(C)\ndef test_a(p):\n    assert score('A', **p)\n", {"depth"}),
    ],
)  # fmt: skip
def test_only_what_is_looked_at_counts(source: str, found: set[str]) -> None:
    assert changed("A", {"depth": 3}, [source]) == found
