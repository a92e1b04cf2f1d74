"""A script that ends with an exception: its film is made, and the command exits with 1."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gradreel.cli.dry_runs import exit_with_errors
from tests.scenes.run_scene import manifest_of

SCRIPT = "import torch\nx = torch.tensor(2.0)\ny = x / undefined\n"


def test_the_exception_is_printed_and_the_command_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.py").write_text(SCRIPT)
    (tmp_path / "right.py").write_text(SCRIPT.partition("y =")[0])
    runs = {}
    for name in ("wrong", "right"):
        manifest = manifest_of("CodeWalk", script=tmp_path / f"{name}.py")
        runs[name] = SimpleNamespace(job=None, error=None, manifest=manifest)
    with pytest.raises(SystemExit, match="1"):
        exit_with_errors([runs["right"], runs["wrong"]])
    printed = capsys.readouterr().err.splitlines()[-1]
    assert printed.endswith("in line 3: NameError: name 'undefined' is not defined")
    with pytest.raises(SystemExit, match="0"):
        exit_with_errors([runs["right"]])


def test_characters_that_no_font_has_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "strange.py").write_text('print("\U0010fffc", "é")\n', encoding="utf-8")
    manifest = manifest_of("CodeWalk", script=tmp_path / "strange.py")
    with pytest.raises(SystemExit, match="0"):
        exit_with_errors([SimpleNamespace(job=None, error=None, manifest=manifest)])
    assert "no font has \U0010fffc of the script" in capsys.readouterr().err
