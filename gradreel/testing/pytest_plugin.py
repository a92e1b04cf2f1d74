"""The plugin that pytest loads when gradreel is installed; it imports nothing heavy at start.

    def test_softmax(scene_values, assert_golden):
        assert_golden(scene_values("scenes/softmax.py:Softmax", x=2))

It adds the fixtures `scene_values`, `assert_golden` and `assert_stills`, the option
`--update-golden`, and a test for each scene of the files that `pytest` in the table
`[tool.gradreel]` of pyproject.toml lists: its numbers are those of its golden file, and its layout
has no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradreel.testing.session import Session, begin, current, end, in_folder

if TYPE_CHECKING:
    from gradreel.testing.scene_items import SceneFile


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`."""
    parser.getgroup("gradreel", "scenes of gradreel").addoption(
        "--update-golden", action="store_true", default=False,
        help="write the golden values and pictures of scenes instead of comparing with them",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Begin a session, and add the scene files of the project to what is collected."""
    begin(Session(config.rootpath, config.getoption("--update-golden")))
    # Where the user has named files, only those are collected.
    if config.args_source is not config.ArgsSource.ARGS and (files := _collected_files(config)):
        covered = [(config.invocation_params.dir / arg).resolve() for arg in config.args]
        config.args += [
            str(file) for file in files if not any(file.is_relative_to(c) for c in covered)
        ]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the session."""
    end()


def _collected_files(config: pytest.Config) -> list[Path]:
    """The scene files that the project's settings name. Raises pytest.UsageError."""
    pyproject = config.rootpath / "pyproject.toml"
    # A quick look: most projects in whose tests this plugin is loaded have no such table.
    if not pyproject.is_file() or b"tool.gradreel" not in pyproject.read_bytes():
        return []
    from gradreel.errors import UsageError
    from gradreel.project import read_project

    try:
        project = read_project(config.rootpath)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    return [path.resolve() for path in project.files(project.collected)] if project else []


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SceneFile | None:
    """Collect the scenes of a file that the project's settings name."""
    if file_path.suffix != ".py" or file_path not in _collected_files(parent.config):
        return None
    from gradreel.testing.scene_items import SceneFile

    return SceneFile.from_parent(parent, path=file_path)


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    """Keep pytest from importing a scene file that is named on its command line."""
    if module_path not in _collected_files(parent.config):
        return None
    from gradreel.testing.scene_items import EmptyModule

    return EmptyModule.from_parent(parent, path=module_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tell the assertions in which folder the running test is."""
    with in_folder(item.path.parent):
        return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist, tell the controller how many golden files were written."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["golden_files_written"] = current().written


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Count the golden files that a worker of pytest-xdist has written."""
    current().written += getattr(node, "workeroutput", {}).get("golden_files_written", 0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many golden files were written."""
    if count := current().written:
        terminalreporter.write_line(f"{count} golden file{'' if count == 1 else 's'} written")


@pytest.fixture(scope="session")
def scene_values() -> Callable[..., Any]:
    """The function `gradreel.testing.scene_values`: plays a scene and returns its numbers."""
    from gradreel.testing.played_scene import scene_values

    return scene_values


@pytest.fixture(scope="session")
def assert_golden() -> Callable[..., None]:
    """The function `gradreel.testing.assert_golden`: compares numbers with a golden file."""
    from gradreel.testing.golden_assertions import assert_golden

    return assert_golden


@pytest.fixture(scope="session")
def assert_stills() -> Callable[..., None]:
    """The function `gradreel.testing.assert_stills`: compares pictures with golden pictures."""
    from gradreel.testing.still_assertions import assert_stills

    return assert_stills
