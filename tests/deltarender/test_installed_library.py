"""An installed library counts with its files, not only with its version."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from deltarender import cache_key, installed_library
from deltarender.installed_library import (
    installed_before,
    installed_files,
    installed_version,
    packages_distributions,
)

NAME = "library-of-a-test"


def edit(folder: Path, text: str) -> None:
    (folder / "lib.py").write_text(text)


def install(folder: Path, text: str) -> None:
    """As pip does: the list of files is written last."""
    info = folder / "library_of_a_test-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
    edit(folder, text)
    digest = f"sha256={hash(text)}"
    (info / "RECORD").write_text(
        f"lib.py,{digest},{len(text)}\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n"
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "x = 1")
    os.utime(tmp_path / "library_of_a_test-1.0.dist-info" / "RECORD", (1e9, 1e9))
    os.utime(tmp_path / "lib.py", (1e9, 1e9))
    return tmp_path


def state() -> str:
    installed_library.installed_files.cache_clear()
    return installed_files(NAME)


def test_the_version_of_a_library_and_of_python() -> None:
    assert installed_version("manim") == "0.22.0"
    assert installed_version(installed_library.PYTHON).startswith("3.")
    assert installed_version("no-such-library") == installed_files("no-such-library") == ""


def test_the_owners_of_modules_are_those_that_python_says() -> None:
    expected = {top: set(names) for top, names in metadata.packages_distributions().items()}
    owners = {top: set(names) for top, names in packages_distributions().items()}
    assert {top: owners.get(top) for top in expected} == expected


def test_modules_that_no_list_declares_are_those_of_its_files(folder: Path) -> None:
    assert packages_distributions()["lib"] == [NAME]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: install(folder, "x = 2"),
        lambda folder: edit(folder, "x = 2"),
        lambda folder: edit(folder, "longer = 2"),
        lambda folder: (folder / "lib.py").unlink(),
    ],
)
def test_a_change_without_a_new_version_is_noticed(
    folder: Path, change: Callable[[Path], None]
) -> None:
    before = state()
    assert before and state() == before
    change(folder)
    assert state() != before


def test_whether_it_was_installed_before_a_time(folder: Path) -> None:
    assert installed_before(NAME, time.time())
    assert not installed_before(NAME, 0.9e9)


def test_a_module_of_no_distribution_is_followed_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "loose_module_of_a_test.py").write_text("x = 1")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(cache_key.sysconfig, "get_paths", lambda: {"purelib": str(folder)})
    import loose_module_of_a_test as module  # type: ignore[import-not-found]

    file = str(folder / "loose_module_of_a_test.py")
    assert cache_key.unowned_modules() == {file: cache_key.FileHasher().of(file)}
    assert module.x == 1
