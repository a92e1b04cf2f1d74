"""The wheel and the sdist: what they contain, and that the installed wheel works in any folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.blocked_imports import LECTURE_PACKAGES, block_imports

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "build", "*.egg-info", "*.so", "__pycache__", ".*_cache", "videos", "stills"
)
PLAIN_SCENE = """from manim import *

class Ball(Scene):
    def construct(self):
        self.play(Create(Circle()), run_time=0.2)
"""


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the sdist, built from a copy of the repository without a network."""
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    shutil.copytree(ROOT, source, symlinks=True, ignore=NOT_COPIED)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = "import setuptools.build_meta as backend; backend.build_sdist('..')"
    for command in (
        [sys.executable, "-c", build],
        [*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", "..", "."],
    ):
        subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def installed(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed."""
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index",
         "--disable-pip-version-check", "--target", target, distributions[0]],
        check=True, capture_output=True,
    )  # fmt: skip
    return target


@pytest.fixture
def user_folder(tmp_path: Path) -> Path:
    """A folder whose own `scenes` package and `render.py` must not be imported."""
    (tmp_path / "scenes").mkdir()
    for name in ("scenes/__init__.py", "render.py"):
        (tmp_path / name).write_text("raise RuntimeError('a file of the user was imported')\n")
    (tmp_path / "ball.py").write_text(PLAIN_SCENE)
    return tmp_path


def run(installed: Path, folder: Path, *arguments: str, blocked: Path | None = None) -> str:
    """Run `python -m gradreel` of the installed wheel in `folder`; returns its stdout."""
    path = os.pathsep.join(str(part) for part in (blocked, installed) if part)
    done = subprocess.run(
        [sys.executable, "-m", "gradreel", *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_everything_that_runs(distributions: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(distributions[0]).namelist())
    sources = [p for p in (ROOT / "deltarender" / "_native").rglob("*") if p.suffix in (".c", ".h")]
    scenes = (p.relative_to(ROOT) for p in (ROOT / "scenes").rglob("*.py"))
    programs = (p.relative_to(ROOT) for p in (ROOT / "assets" / "programs").glob("*.py"))
    expected = {
        *(f"gradreel/{path.as_posix()}" for path in (*scenes, *programs)),
        *(path.relative_to(ROOT).as_posix() for path in sources),
        "gradreel/publish/gallery.html", "gradreel/py.typed", "deltarender/py.typed",
        "deltarender/_native.pyi",
    }  # fmt: skip
    assert expected <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {
        "gradreel", "deltarender",
    }  # fmt: skip
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_has_tests_docs_and_scenes(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "LICENSE", "README.md", "CHANGELOG.md", "Makefile", "render.py", "tests/test_rooms.py",
        "tests/golden/ChainRule.json", "docs/tape.md", "docs/pictures/tangent.png",
        "scenes/chain_rule/chain_rule.py", "gradreel/scenes/chain_rule/chain_rule.py",
        "deltarender/_native/native.h", "requirements/constraints.txt",
    } <= names  # fmt: skip
    assert not any(name.endswith((".so", ".pyc")) for name in names)


def test_the_installed_lecture_works_beside_a_users_own_scenes(
    installed: Path, user_folder: Path
) -> None:
    rows = json.loads(run(installed, user_folder, "list", "--json"))
    assert [row["name"] for row in rows][:2] == ["TangentLine", "SecantToTangent"]
    shown = json.loads(run(installed, user_folder, "show", "TangentLine", "--json"))
    assert Path(shown["file"]).is_relative_to(installed)
    # A walk through a program reads a file of `assets/programs`.
    values = json.loads(run(installed, user_folder, "values", "WalkNumerical", "--json"))
    assert values["scene"] == "WalkNumerical"
    assert values["beats"]


def test_a_manim_file_is_rendered_without_torch(
    installed: Path, user_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    blocked = block_imports(tmp_path_factory.mktemp("blocked"), LECTURE_PACKAGES)
    arguments = ["render", "ball.py", "--resolution", "160,90", "--fps", "10", "--json"]
    report = json.loads(run(installed, user_folder, *arguments, blocked=blocked))
    (row,) = report["results"]
    assert (row["scene"], row["status"]) == ("Ball", "rendered")
    assert (user_folder / row["path"]).is_file()
