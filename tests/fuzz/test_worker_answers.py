"""Wrong answers of cluster workers: each is refused, or harmless.

The ordinary run tries a small fixed set. `GRADREEL_FUZZ=20000 pytest tests/fuzz` tries as many
random ones.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("distributed")
from deltarender.distributed.answers import WorkerFailedError, decode_answer
from deltarender.distributed.compatibility import objections
from deltarender.distributed.result_transfer import TransferError, fetch, names_to_pack
from deltarender.jobs import Job, RenderSettings, SceneRef
from deltarender.json_checks import InvalidData
from deltarender.results import FrameRange, Task, TaskKind, TaskResult
from deltarender.workers import segmented_executor
from tests.deltarender.distributed.hostile_work import ANSWER
from tests.fuzz.test_manifests import damaged, examples, values

ERROR = {
    "message": "it failed", "line": "film.py:1", "trace": "", "usage": False,
    "missing": ["data.txt", ".env"], "unsplittable": False,
}  # fmt: skip
SEGMENT = {"frames": 3, "cuts": [1], "boundaries": [{"frame": 0, "digest": "a"}]}
ANSWERS: list[dict[str, Any]] = [
    ANSWER,
    ANSWER | {"error": ERROR, "sent": []},
    ANSWER | {"video": ANSWER["video"] | {"segment": SEGMENT}},
    {"failed": "OSError: its disk is full"},
]


@pytest.fixture(scope="module")
def task(tmp_path_factory) -> Task:
    """A task in a folder of its own, with a file beside it that must stay as it is."""
    folder = tmp_path_factory.mktemp("answers")
    (folder / "film.py").write_text("")
    (folder / "mine.mp4").write_bytes(b"of the user")
    scene = SceneRef(folder / "film.py", "Main", "Main")
    job = Job(scene, RenderSettings(320, 180, 10), (), folder / "media")
    return Task(TaskKind.RENDER, job, folder / "task")


def accept(raw: bytes, task: Task, read: Any) -> TaskResult | None:
    """What the client does with an answer; None for one that is refused."""
    try:
        remote = decode_answer(raw, task)
        result = fetch(remote, task, read)
    except (InvalidData, WorkerFailedError, TransferError) as error:
        json.dumps(str(error), ensure_ascii=False)
        return None
    assert not any(name.startswith(".") for name in names_to_pack(result.error, remote))
    json.dumps(str(result.error), ensure_ascii=False).encode()
    return result


def files_around(task: Task) -> dict[str, bytes]:
    """The files in the folder of the scene, other than those of the task and logs."""
    folder = task.job.target.file.parent
    own = (task.folder, task.job.media_dir)
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not any(map(path.is_relative_to, own))
    }


@examples(120)
@given(st.data(), st.sampled_from(range(len(ANSWERS))), st.booleans())
def test_wrong_values_anywhere(task: Task, choices: st.DataObject, kind: int, part: bool) -> None:
    used = Task(task.kind, task.job, task.folder, part=FrameRange(0, 3, 1) if part else None)
    answer = damaged(ANSWERS[kind], choices)
    before = files_around(task)
    result = accept(json.dumps(answer).encode(), used, lambda *_: b"abc")
    # Three bytes are no video: nothing counts as rendered.
    assert result is None or result.error is not None
    assert files_around(task) == before
    assert all(path.parent == task.folder for path in task.folder.glob("**/*"))


@examples(60)
@given(st.binary(max_size=40), st.booleans())
def test_wrong_bytes(task: Task, raw: bytes, inside: bool) -> None:
    whole = json.dumps(ANSWER).encode()
    result = accept(whole[: len(whole) // 2] + raw if inside else raw, task, lambda *_: b"")
    assert result is None


@examples(60)
@given(values, st.binary(max_size=20))
def test_what_a_worker_says_it_has(facts: Any, raw: bytes) -> None:
    own = {"python": "3.13", "numpy": "2"}
    for answer in (json.dumps(facts).encode(), raw, facts):
        problems = objections(answer, own)
        assert problems
        assert all(len(text) < 1000 for text in problems)
    assert objections(json.dumps(own).encode(), own) == []


def test_a_part_that_does_not_say_where_it_ends(task: Task) -> None:
    answer = ANSWER | {"video": ANSWER["video"] | {"segment": SEGMENT | {"boundaries": []}}}
    used = Task(task.kind, task.job, task.folder, part=FrameRange(0, 3, 1))
    parts = [decode_answer(json.dumps(answer).encode(), used).result for _ in range(2)]
    with pytest.raises(segmented_executor.RenderError, match="last picture"):
        segmented_executor.joined(task, None, parts)
    assert Path(task.job.target.file.parent / "mine.mp4").read_bytes() == b"of the user"
