"""A damaged manifest means: render this scene again. Nothing else is lost, and nothing hangs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from deltarender.batch import BatchOptions, render
from deltarender.cache_key import FileHasher, stale_reasons
from deltarender.json_checks import InvalidData
from deltarender.manifest import MAX_BYTES, find_manifest, manifest_text, read_manifest
from deltarender.regular_files import path_from_text, path_to_text
from tests.deltarender.rendered_files import write_outputs


@pytest.fixture
def rendered(job_of, tmp_path, monkeypatch):
    """A job that counts as rendered."""
    monkeypatch.chdir(tmp_path)
    job = job_of("class Main(Scene):\n    def construct(self): self.wait(0.1)\n")
    write_outputs(job, {str(job.target.file): FileHasher().of(job.target.file)}, {})
    assert stale_reasons(job, FileHasher()) == []
    return job


def change(job, *keys, to):
    """Set one entry of the manifest."""
    manifest = json.loads(job.manifest.read_text())
    inner = manifest
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = to
    job.manifest.write_text(json.dumps(manifest))


DAMAGED = [
    (["fingerprint"], None, "it.fingerprint is not an object"),
    (["fingerprint", "files"], [], "it.fingerprint.files is not an object"),
    (["fingerprint", "settings"], None, "it.fingerprint.settings is not an object"),
    (["fingerprint", "versions"], "1", "it.fingerprint.versions is not an object"),
    (["fingerprint", "versions", "numpy"], 2, "it.fingerprint.versions['numpy'] is not a text"),
    (["outputs"], {}, "it.outputs has 0 entries"),
    (["outputs", "../Main.mp4"], "", "is not the name of a file"),
    (["outputs", "a\0b"], "", "is not the name of a file"),
    (["outputs", "a\ud800"], "", "it is not valid UTF-8"),
    (["inputs", "a"], ["\udcff"], "it is not valid UTF-8"),
    (["video"], "/etc/passwd", "it.video is not the name of a file"),
    (["frames"], "10", "it.frames is not a whole number"),
    (["frames"], True, "it.frames is not a whole number"),
    (["frames"], 10**30, "it.frames is not between"),
    (["fps"], 0, "it.fps is not between"),
    (["fps"], float("nan"), "it.fps is not between"),
    (["size"], [320], "it.size has 1 items"),
    (["seconds"], float("inf"), "it.seconds is not between"),
    (["beats"], [None], "it.beats[0] is not an object"),
    (["beats", 0, "start"], "0", "it.beats[0].start is not a number"),
    (["beats", 0, "end"], 1e300, "it.beats[0].end is not between"),
    (["captions", 0], {"start": 0, "end": 1}, "it.captions[0] has no 'text'"),
    (["sweep", "readings"], {"x": 1}, "it.sweep.readings['x'] is not a list"),
]


@pytest.mark.parametrize(("keys", "value", "problem"), DAMAGED, ids=lambda v: str(v)[:30])
def test_wrong_types_are_named(rendered, keys, value, problem) -> None:
    change(rendered, *keys, to=value)
    (reason,) = stale_reasons(rendered, FileHasher())
    assert reason.startswith("its manifest is damaged: ")
    assert problem in reason


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "JSON"), (b"\xff\xfe{", "UTF-8"), (b"[" * 10**5, "JSON"), (b"null", "object"),
        (b"[]", "object"), (b'{"frames": ' + b"9" * 10**5 + b"}", "JSON"),
    ],
    ids=range(6),
)  # fmt: skip
def test_what_is_not_a_manifest_at_all(rendered, raw, problem) -> None:
    rendered.manifest.write_bytes(raw)
    with pytest.raises(InvalidData, match=problem):
        read_manifest(rendered.manifest)


def test_a_huge_file_is_not_read(rendered) -> None:
    with open(rendered.manifest, "wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InvalidData, match="larger than 61 MB"):
        read_manifest(rendered.manifest)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_pipes_and_folders_in_the_place_of_outputs(rendered, make) -> None:
    for path in (rendered.vtt, rendered.srt, rendered.video):
        path.unlink()
        make(path)
        assert f"{path.name} is missing" in stale_reasons(rendered, FileHasher())
    rendered.manifest.unlink()
    make(rendered.manifest)
    assert find_manifest(rendered.manifest) is None
    assert stale_reasons(rendered, FileHasher())[0].startswith("its manifest is damaged: ")


def test_the_manifest_of_another_scene_does_not_count(rendered) -> None:
    other = rendered.folder / "Other.mp4"
    other.write_bytes(b"another video")
    change(rendered, "video", to=other.name)
    change(rendered, "outputs", other.name, to=FileHasher().of(other))
    assert stale_reasons(rendered, FileHasher()) == ["its manifest is that of Other.mp4"]


@pytest.mark.slow
def test_one_batch_replaces_whatever_is_in_the_way(job_of, tmp_path) -> None:
    class_text = "class {}(Scene):\n    def construct(self): self.wait(0.1)\n"
    names = ("Null", "Pipe", "Folder")
    source = "".join(map(class_text.format, names))
    jobs = [job_of(source, name) for name in names]
    for job in jobs:
        write_outputs(job, {}, {})
    jobs[0].manifest.write_text("null")
    for path in (jobs[1].manifest, jobs[1].video, jobs[1].srt):
        path.unlink()
        os.mkfifo(path)
    for path in (jobs[2].manifest, jobs[2].video, jobs[2].vtt):
        path.unlink()
        path.mkdir()
    report = render(jobs, BatchOptions(jobs=1, split=1))
    assert [r.status for r in report.results] == ["rendered"] * 3, report.failed
    kept = {path.name for path in jobs[0].folder.glob("*.kept-*")}
    assert {"Pipe.json.kept-1", "Folder.mp4.kept-1", "Folder.vtt.kept-1"} <= kept
    again = render(jobs, BatchOptions(jobs=1, split=1))
    assert [r.status for r in again.results] == ["fresh"] * 3


def test_a_path_that_is_not_utf8_survives_json(tmp_path: Path) -> None:
    path = os.fsdecode(b"/data/caf\xe9 %41.txt")
    text = path_to_text(path)
    assert text == "file:///data/caf%E9%20%2541.txt"
    assert path_from_text(json.loads(json.dumps(text))) == path
    assert path_from_text(path_to_text("a/été.txt")) == "a/été.txt"


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [("scene", b"Main", "not a text"), ("inputs", {"x": object()}, "cannot be written as JSON")],
)
def test_an_invalid_manifest_is_not_written(rendered, key, value, problem) -> None:
    manifest = read_manifest(rendered.manifest) | {key: value}
    with pytest.raises(InvalidData, match=problem):
        manifest_text(manifest)
