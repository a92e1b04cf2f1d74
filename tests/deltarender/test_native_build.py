"""The C extension: built from the installed sources, or reported as missing or outdated."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deltarender import _native, native_build
from deltarender.errors import RenderError
from deltarender.workers import forkserver


def test_the_extension_is_built_from_these_sources() -> None:
    assert native_build.build_problem() == ""
    assert native_build.source_digest() == _native.SOURCE_DIGEST


def test_a_changed_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = shutil.copytree(native_build._SOURCES, tmp_path / "native")
    monkeypatch.setattr(native_build, "_SOURCES", sources)
    assert native_build.build_problem() == ""
    (sources / "bounding_rects.c").write_text("/* another */")
    with pytest.raises(RenderError, match=r"built from other sources.*\n.*[Ii]nstall the package"):
        forkserver.context()


def test_a_missing_extension_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_build, "MODULE", "deltarender._missing")
    with pytest.raises(RenderError, match="has not been built"):
        forkserver.context()
