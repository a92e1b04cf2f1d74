"""The part in C: built from the sources that are here, or told to be stale."""

from __future__ import annotations

import shutil
from pathlib import Path

import cairo
import pytest

from gradreel.errors import RenderError, SetupError
from gradreel.rendering import _native, built, forking, looks


def test_it_is_built_from_these_sources() -> None:
    assert built.trouble() == ""
    assert built.digest() == _native.SOURCES


def test_a_changed_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = shutil.copytree(built._SOURCES, tmp_path / "native")
    monkeypatch.setattr(built, "_SOURCES", sources)
    assert built.trouble() == ""
    (sources / "boxes.c").write_text("/* another */")
    with pytest.raises(RenderError, match=r"built from other sources.*\n.*make setup"):
        forking.context(torch=False)


def test_that_it_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "MODULE", "gradreel.rendering._nothing")
    with pytest.raises(RenderError, match="has not been built"):
        forking.context(torch=False)


def test_another_cairo_than_pycairos_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cairo, "cairo_version_string", lambda: "1.0.0")
    with pytest.raises(SetupError, match=r"pycairo draws with cairo 1\.0\.0"):
        looks.install()
