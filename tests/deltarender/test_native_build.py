"""The part in C: built from the sources that are here, or told to be stale."""

from __future__ import annotations

import shutil
from pathlib import Path

import cairo
import pytest

from deltarender import _native, native_build
from deltarender.engine import class_traits
from deltarender.workers import forkserver
from gradreel.errors import RenderError, SetupError


def test_it_is_built_from_these_sources() -> None:
    assert native_build.build_problem() == ""
    assert native_build.source_digest() == _native.SOURCE_DIGEST


def test_a_changed_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = shutil.copytree(native_build._SOURCES, tmp_path / "native")
    monkeypatch.setattr(native_build, "_SOURCES", sources)
    assert native_build.build_problem() == ""
    (sources / "module.c").write_text("/* changed */")
    with pytest.raises(RenderError, match=r"built from other sources.*\n.*make setup"):
        forkserver.context(torch=False)


def test_that_it_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_build, "MODULE", "deltarender._nothing")
    with pytest.raises(RenderError, match="has not been built"):
        forkserver.context(torch=False)


def test_another_cairo_than_pycairos_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cairo, "cairo_version_string", lambda: "1.0.0")
    with pytest.raises(SetupError, match=r"pycairo draws with cairo 1\.0\.0"):
        class_traits.install()
