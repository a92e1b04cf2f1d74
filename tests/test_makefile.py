"""`make setup` in a folder that was moved: the environment is set up again, its programs work."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize(("stamp", "stale"), [("{here}/.venv", 0), ("/elsewhere/.venv", 1)])
def test_an_environment_of_another_folder_is_stale(tmp_path: Path, stamp: str, stale: int) -> None:
    for name in ("Makefile", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "installed").write_text(stamp.format(here=tmp_path))
    done = subprocess.run(["make", "-q", "setup"], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == stale, done.stderr


def test_programs_of_a_moved_environment_name_its_new_place(tmp_path: Path) -> None:
    folder = tmp_path / "new" / ".venv"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "gradreel"
    program.write_text("#!/old/.venv/bin/python3\nimport sys\n")
    binary = folder / "bin" / "tool"
    binary.write_bytes(b"\0/old/.venv\0")
    subprocess.run([ROOT / "tools" / "move-environment", "/old/.venv", folder], check=True)
    assert program.read_text() == f"#!{folder}/bin/python3\nimport sys\n"
    assert binary.read_bytes() == b"\0/old/.venv\0"
