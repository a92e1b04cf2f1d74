"""The packages of the renderer import each other in one direction only, and nothing of gradreel."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import deltarender

PACKAGE = Path(deltarender.__file__).parent
# Each package with the others that it may import; all may import the modules beside them.
MAY_IMPORT = {
    "encoding": set(),
    "engine": {"encoding"},
    "workers": {"encoding", "engine"},
    "distributed": {"workers"},
    "benchmark": {"encoding", "distributed"},
}
# The modules beside the packages: some start workers, and write captions.
ROOT_MAY_IMPORT = {"encoding", "workers"}
LIGHT = {"errors", "jobs", "results", "events", "scene_files", "beat_names", "report"}


def imported_modules(path: Path) -> set[str]:
    """The absolute names of all modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_packages(path: Path) -> set[str]:
    """The packages of the renderer that a file imports from."""
    parts = [name.split(".") for name in imported_modules(path)]
    return {p[1] for p in parts if p[0] == "deltarender" and p[1] in MAY_IMPORT}


def test_every_package_is_known() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == MAY_IMPORT.keys()


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_is_below_it(package: str) -> None:
    for path in (PACKAGE / package).rglob("*.py"):
        others = imported_packages(path) - {package}
        assert others <= MAY_IMPORT[package], f"{path.name} imports {others}"


def test_modules_beside_the_packages_import_only_what_they_may() -> None:
    for path in PACKAGE.glob("*.py"):
        allowed = set() if path.stem in LIGHT else ROOT_MAY_IMPORT
        assert imported_packages(path) <= allowed, path.name


def test_nothing_is_imported_from_gradreel_or_torch() -> None:
    for path in PACKAGE.rglob("*.py"):
        tops = {name.partition(".")[0] for name in imported_modules(path)}
        assert not tops & {"gradreel", "torch", "scenes"}, path.name
