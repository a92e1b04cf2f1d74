"""The scene on docs/scenes.md plays, and its layout has no fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradreel.testing import scene_values


@pytest.mark.slow
def test_the_scene_of_the_page_works(tmp_path, monkeypatch) -> None:
    page = (Path(__file__).parents[1] / "docs" / "scenes.md").read_text()
    code, pattern = re.findall(r"```python\n(.*?)```", page, flags=re.S)
    compile(pattern, "docs/scenes.md", "exec")
    (tmp_path / "square.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    values = scene_values(f"{tmp_path / 'square.py'}:Square", x=5)
    assert values.faults == ()
    assert values.number("x.grad*").value == 10
