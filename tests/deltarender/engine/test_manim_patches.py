"""The registry of replaced methods: reversible, documented, and the only place that patches."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cairo
import manim
import pytest
from manim import Mobject, VMobject

from deltarender.engine import asset_read_hooks, manim_patches, patching, scene_setup
from deltarender.engine.patching import Patch
from deltarender.errors import SetupError

ROOT = Path(__file__).parents[3]


def all_patches() -> list[Patch]:
    """Every row of every table; constructing a row installs nothing."""
    return [
        *manim_patches.PATCHES,
        *asset_read_hooks.read_hooks(lambda path: None, Path("unused")),
        scene_setup.renderer_patch(lambda: None),
    ]


def patch_ids() -> list[str]:
    return [f"{patch.owner.__name__}.{patch.attribute}" for patch in all_patches()]


@pytest.fixture
def originals() -> Iterator[dict[tuple[object, str], object]]:
    """What Manim and the libraries have before anything is installed."""
    manim_patches.remove()  # a test before may have rendered
    yield {(p.owner, p.attribute): vars(p.owner)[p.attribute] for p in all_patches()}
    manim_patches.remove()


def test_removing_restores_the_original_objects(originals) -> None:
    patches = all_patches()
    manim_patches.install()
    patching.apply(patches)
    for patch in patches:
        assert vars(patch.owner)[patch.attribute] is patch.replacement
        assert patch.replacement is not originals[patch.owner, patch.attribute]
    patching.revert(patches)
    manim_patches.remove()
    for (owner, attribute), value in originals.items():
        assert vars(owner)[attribute] is value


def test_installing_twice_is_undone_by_removing_once(originals) -> None:
    manim_patches.install()
    manim_patches.install()
    manim_patches.remove()
    for patch in manim_patches.PATCHES:
        assert patch.current is originals[patch.owner, patch.attribute]


def test_a_method_that_a_scene_has_replaced_is_left_alone(
    originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own_update(self, dt=0, recursive=True):
        return self

    monkeypatch.setattr(Mobject, "update", own_update)
    manim_patches.install()
    assert Mobject.update is own_update
    monkeypatch.setattr(VMobject, "interpolate_color", own_update)  # replaced after installation
    manim_patches.remove()
    assert Mobject.update is VMobject.interpolate_color is own_update
    monkeypatch.undo()
    manim_patches.remove()


def test_a_patch_is_reverted_after_an_exception(originals) -> None:
    patch = scene_setup.renderer_patch(lambda: None)
    with pytest.raises(KeyError), patching.applied(patch):
        assert patch.current is patch.replacement
        raise KeyError
    assert patch.current is originals[patch.owner, patch.attribute]


def test_an_inherited_attribute_cannot_be_patched() -> None:
    with pytest.raises(KeyError, match="update"):
        Patch(VMobject, "update", None, "", "")


@pytest.mark.parametrize("number", range(len(all_patches())), ids=patch_ids())
def test_every_patch_names_a_reason_and_an_existing_test(number: int) -> None:
    patch = all_patches()[number]
    assert patch.reason
    assert patch.manim_version == manim.__version__, "compare the replacement with this version"
    file, _, name = patch.test.partition("::")
    functions = ast.parse((ROOT / file).read_text()).body
    assert name in [f.name for f in functions if isinstance(f, ast.FunctionDef)]


def test_another_cairo_than_pycairos_is_refused(originals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cairo, "cairo_version_string", lambda: "1.0.0")
    with pytest.raises(SetupError, match=r"pycairo draws with cairo 1\.0\.0"):
        manim_patches.install()
    assert Mobject.update is originals[Mobject, "update"]


def imported_names(tree: ast.Module) -> set[str]:
    """Names that a module imports from outside deltarender."""
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and not (getattr(node, "module", None) or "").startswith("deltarender")
        for alias in node.names
    }


def root_name(node: ast.expr) -> str:
    """`a` of `a.b.c`, "" if the expression is not a chain of attributes."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def flattened(targets: list[ast.expr]) -> list[ast.expr]:
    """The targets of an assignment, those in tuples included."""
    return [t for target in targets for t in getattr(target, "elts", [target])]


def is_setattr_of(call: ast.Call, names: set[str]) -> bool:
    is_setattr = isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr")
    return is_setattr and root_name(call.args[0]) in names


def patched_lines(source: str) -> list[int]:
    """Lines that assign to an attribute of an imported class or module, or to its namespace."""
    tree = ast.parse(source)
    # Manim's settings and its log, which are meant to be set.
    imported = imported_names(tree) - {"config", "console", "error_console"}
    lines = []
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            targets = [node.target]
        elif isinstance(node, ast.Call) and is_setattr_of(node, imported):
            lines.append(node.lineno)
        for target in flattened(targets):
            if isinstance(target, ast.Attribute) and root_name(target) in imported:
                lines.append(node.lineno)
            if isinstance(target, ast.Subscript) and "vars(" in ast.unparse(target):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize(
    "statement",
    ["Mobject.update = f", "setattr(Mobject, 'update', f)", "vars(module)['update'] = f",
     "av.codec.open = f", "Mobject.update, kept = f, g"],
)  # fmt: skip
def test_a_patch_outside_the_registry_would_be_found(statement: str) -> None:
    assert patched_lines(f"import av\nfrom manim import Mobject\n{statement}") == [3]


ALLOWED = {
    "deltarender/workers/worker.py": "sends sys.stdout and sys.stderr to the log",
    "deltarender/engine/segment_seeding.py": "seeds random in a worker that ends with its scene",
}


def test_nothing_else_in_the_renderer_patches() -> None:
    lines = {
        path.relative_to(ROOT).as_posix(): patched_lines(path.read_text())
        for path in sorted((ROOT / "deltarender").rglob("*.py"))
    }
    assert {name for name, found in lines.items() if found} <= set(ALLOWED)
