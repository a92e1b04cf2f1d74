"""Which line of the scene is named beside an error."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from deltarender.errors import UsageError
from deltarender.jobs import Job, RenderSettings, SceneRef
from deltarender.workers.worker import describe_error


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("", "scene.py:2: raise error"),
        ("carry in First", "scene.py:2: raise error"),
        ("helper.py:7 in program", ""),  # the message names the line itself
    ],
)
def test_the_line_is_named_unless_the_message_names_one(tmp_path: Path, where, line):
    file = tmp_path / "scene.py"
    file.write_text("def fail(error):\n    raise error\n")
    spec = importlib.util.spec_from_file_location("scene_that_fails", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(UsageError) as caught:
        module.fail(UsageError("no.", where=where))
    job = Job(SceneRef(file, "Scene", "Scene"), RenderSettings.of("l"))
    found = describe_error(caught.value, job).line
    assert found == (f"{tmp_path}/{line}" if line else "")


def test_lines_of_the_lecture_are_not_those_of_a_wrong_parameter(capsys):
    from gradreel.catalog import find_entries

    entry = find_entries("TangentLine")[0]
    code = compile("\n" * 9 + "raise UsageError('no.')", str(entry.file.resolve()), "exec")
    with pytest.raises(UsageError) as caught:
        exec(code, {"UsageError": UsageError})
    job = Job(SceneRef(entry.file, entry.cls, entry.name), RenderSettings.of("l"))
    assert describe_error(caught.value, job).line == ""
