"""The names that `gradreel.lecture` exports, and what importing it loads."""

import subprocess
import sys

import pytest

import gradreel.lecture


@pytest.mark.parametrize("name", gradreel.lecture.__all__)
def test_every_exported_class_can_be_imported_from_the_package(name: str) -> None:
    assert getattr(gradreel.lecture, name).__name__ == name


def test_an_unknown_name_raises_an_import_error() -> None:
    with pytest.raises(ImportError, match="LectureScenes"):
        from gradreel.lecture import LectureScenes  # type: ignore[attr-defined]  # noqa: F401


def test_importing_the_package_loads_no_manim() -> None:
    code = "import sys, gradreel.lecture; print('manim' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
