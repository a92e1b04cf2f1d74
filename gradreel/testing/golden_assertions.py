"""`assert_golden`: the numbers of a scene against the golden file beside the test."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gradreel import golden
from gradreel.golden.differences import ABS_TOL, REL_TOL
from gradreel.testing import session
from gradreel.testing.played_scene import SceneValues, scene_values

UPDATE = "pytest --update-golden"


def assert_golden(
    values: SceneValues | str,
    *,
    name: str = "",
    folder: Path | str | None = None,
    rel: float = REL_TOL,
    abs: float = ABS_TOL,
    tolerances: Mapping[str, float] | None = None,
) -> None:
    """Assert that the numbers of a scene are those of its golden file.

    `values` come from `scene_values`, or name a scene. The file is `<name>.json`, by default the
    scene's name and parameters, in `folder`, by default `golden` beside the test. `rel` and `abs`
    are the tolerances of all numbers, `tolerances` relative ones by patterns of their sources:
    {"loss after step *": 1e-4}. With `pytest --update-golden` the file is written.
    """
    __tracebackhide__ = True
    if isinstance(values, str):
        values = scene_values(values)
    state = session.current()
    name, target = name or values.stem, Path(folder or state.golden_folder)
    if state.update:
        golden.write_golden_file(name, values.document, target)
        state.written += 1
        return
    path = os.path.relpath(target / f"{name}.json", state.root)
    tolerance = golden.Tolerance(rel, abs, tolerances or {})
    found = golden.find_differences(name, values.document, target, tolerance)
    if found is None:
        raise AssertionError(f"there is no golden file {path}\nWrite it: {UPDATE}")
    if found:
        hint = f"If this is meant: {UPDATE}"
        raise AssertionError(golden.as_text(found, f"{values.stem}, {path}", hint))
