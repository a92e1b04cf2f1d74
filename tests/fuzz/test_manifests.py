"""Damaged manifests: whoever reads one either finds out or can use every part of it.

The ordinary run tries a small fixed set. `GRADREEL_FUZZ=20000 pytest tests/fuzz` tries as many
random ones.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deltarender import output_files
from deltarender.cache_key import FileHasher, stale_reasons
from deltarender.distributed import job_bundle
from deltarender.expected_cost import expected_cost, expected_frames
from deltarender.jobs import Job, RenderSettings, SceneRef
from deltarender.manifest import find_manifest
from gradreel.publish import gallery
from tests.deltarender.rendered_files import write_outputs

COUNT = int(os.environ.get("GRADREEL_FUZZ", "0"))

texts = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["\ud800", "\0", "..", "/", "a/../b", "x" * 5000, "\x1b[31m", "[/x]"]),
)
leaves = st.one_of(
    st.none(), st.booleans(), texts, st.integers(-2, 3), st.floats(),
    st.sampled_from([10**40, -(10**400), 1e300, 2**63]),
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def job(tmp_path_factory) -> Job:
    """A job that counts as rendered; its poster in the gallery exists."""
    folder = tmp_path_factory.mktemp("manifests")
    file = folder / "film.py"
    file.write_text("")
    scene = SceneRef(file, "Main", "Main")
    job = Job(scene, RenderSettings(320, 180, 10), (("x", "1"),), folder / "media")
    write_outputs(job, {str(file): FileHasher().of(file)}, {"numpy": "1"})
    poster = job.media_dir / "gallery" / "posters" / f"{job.profile.name}-{job.stem}.jpg"
    poster.parent.mkdir(parents=True)
    poster.touch()
    return job


def damaged(data: Any, choices: st.DataObject) -> Any:
    """`data` with one part of it replaced, removed or added."""
    if not isinstance(data, (dict, list)) or not data or choices.draw(st.integers(0, 5)) == 0:
        return choices.draw(values)
    copy: Any = data.copy()
    key = choices.draw(st.sampled_from(sorted(data) if isinstance(data, dict) else [0]))
    action = choices.draw(st.integers(0, 8))
    if action == 0:
        del copy[key]
    elif action == 1 and isinstance(copy, dict):
        copy[choices.draw(texts)] = choices.draw(values)
    else:
        copy[key] = damaged(data[key], choices)
    return copy


def use(job: Job) -> None:
    """Do all that the commands do with a manifest that counts as valid."""
    assert isinstance(expected_frames(job), int | None)
    assert expected_cost(job)[0] >= 0
    assert all(isinstance(path, Path) for path in job_bundle._read_by_last_render(job))
    earlier = find_manifest(job.manifest) or {}
    for path in (job.video, job.srt, job.vtt, job.manifest):
        output_files._listed_in_manifest(job, earlier, path)
    scenes, notes = gallery._find_rendered(job.media_dir)
    assert len(scenes) + len(notes) == 1 or not earlier["video"].endswith(".mp4")
    for scene in scenes:
        card = gallery._card(scene, job.media_dir / "gallery", {}, "")
        json.dumps(card, ensure_ascii=False).encode()
        assert scene.seconds >= 0


def check(job: Job, raw: bytes) -> None:
    """Replace the manifest by `raw` for a moment, and read it in every way."""
    before = job.manifest.read_bytes()
    job.manifest.write_bytes(raw)
    try:
        reasons = stale_reasons(job, FileHasher())
        json.dumps(reasons, ensure_ascii=False).encode()
        use(job)
    finally:
        job.manifest.write_bytes(before)


def examples(count: int):
    return settings(
        max_examples=COUNT or count, deadline=None, derandomize=not COUNT, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )  # fmt: skip


@examples(60)
@given(st.data())
def test_wrong_values_anywhere(job: Job, choices: st.DataObject) -> None:
    manifest = json.loads(job.manifest.read_bytes())
    check(job, json.dumps(damaged(manifest, choices)).encode())


@examples(60)
@given(st.data())
def test_wrong_bytes_anywhere(job: Job, choices: st.DataObject) -> None:
    raw = job.manifest.read_bytes()
    start = choices.draw(st.integers(0, len(raw)))
    end = choices.draw(st.integers(start, len(raw)))
    check(job, raw[:start] + choices.draw(st.binary(max_size=8)) + raw[end:])
