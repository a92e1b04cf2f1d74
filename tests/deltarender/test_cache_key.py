"""What is fresh is told from files alone: quickly, and with nothing heavy imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deltarender.batch import BatchOptions, render
from deltarender.cache_key import FileHasher, cache_key, installed_version, stale_reasons

LIBRARIES = {"manim": installed_version("manim")}
HOME = Path(__file__).resolve().parents[2]
LOOK = """
import sys
from pathlib import Path
from deltarender.batch import BatchOptions, render
from deltarender.jobs import Job, RenderSettings, SceneRef
settings = RenderSettings(320, 180, 10)
jobs = [Job(SceneRef(Path("film.py"), "Main", f"Main{k}"), settings) for k in range(30)]
report = render(jobs, BatchOptions(jobs=2))
print(sorted({r.status for r in report.results}), report.wall_seconds)
heavy = {"manim", "torch", "numpy", "av", "scipy"} & set(sys.modules)
print(sorted(heavy))
"""


def pretend(job, files: dict[str, str], **changes) -> None:
    """Leave what a finished render of `job` would have left."""
    job.folder.mkdir(parents=True, exist_ok=True)
    job.video.write_bytes(b"a film")
    manifest = {
        "frames": 1, "seconds": 1.0, "fingerprint": cache_key(job, files, LIBRARIES) | changes,
        "outputs": {job.video.name: FileHasher().of(job.video)},
    }  # fmt: skip
    job.manifest.write_text(json.dumps(manifest))


@pytest.fixture
def done(job_of, tmp_path, monkeypatch):
    """A job that counts as rendered, with one helper file."""
    monkeypatch.chdir(tmp_path)
    job = job_of("class Main(Scene): pass\n")
    (tmp_path / "helper.py").write_text("x = 1")
    files = {str(p): FileHasher().of(p) for p in (job.target.file, tmp_path / "helper.py")}
    pretend(job, files)
    return job


def why(job) -> list[str]:
    return stale_reasons(job, FileHasher())


def test_nothing_changed_is_fresh(done):
    assert why(done) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda job: Path("helper.py").write_text("x = 2"), "helper.py changed"),
        (lambda job: Path("helper.py").unlink(), "helper.py is gone"),
        (lambda job: Path("manim.cfg").write_text("[CLI]"), "manim.cfg changed"),
        (lambda job: job.video.unlink(), "Main.mp4 is missing"),
        (lambda job: job.video.write_bytes(b"cut"), "Main.mp4 was changed"),
        (lambda job: job.manifest.unlink(), "not rendered yet"),
        (lambda job: job.manifest.write_text("{"), "its manifest cannot be read"),
    ],
)
def test_each_change_is_told(done, change, told):
    change(done)
    assert why(done) == [told]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("versions", {"manim": "0.1"}, "manim 0.1 -> "),
        ("engine", "another", "the renderer changed"),
        ("params", {"x": "5"}, "its parameters changed"),
        ("profile", {}, "its settings or encoding changed"),
        ("source", "other.py:Main", "another scene was there"),
    ],
)
def test_each_fact_counts(done, field, value, told):
    manifest = json.loads(done.manifest.read_text())
    manifest["fingerprint"][field] = value
    done.manifest.write_text(json.dumps(manifest))
    assert any(reason.startswith(told) for reason in why(done))


def test_thirty_fresh_scenes_need_no_heavy_import(done, tmp_path):
    from deltarender.jobs import Job, RenderSettings, SceneRef

    for k in range(30):
        target = SceneRef(Path("film.py"), "Main", f"Main{k}")
        job = Job(target, RenderSettings(320, 180, 10))
        pretend(job, {"film.py": FileHasher().of("film.py")})
    told = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert told[0].startswith("['fresh']")
    assert told[1] == "[]"


WORDS = """
import av, manimpango
from gradreel.draw.text import math
config.tex_dir = "typ"
class Main(Scene):
    def construct(self):
        self.add(Typst('#import "words.typ": word\\n#word'), math('#eval(read("own.typ"))'))
        manimpango.register_font("letters.ttf")
        try: av.open("clip.mp4")
        except av.error.FFmpegError: pass
        self.wait(0.1)
"""


@pytest.mark.slow
def test_what_libraries_read_by_themselves_counts(job_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typ").mkdir()
    changes = {
        "typ/words.typ": '#import "deep.typ": word', "typ/deep.typ": '#let word = [AAA]',
        "own.typ": "[A]", "letters.ttf": "none", "clip.mp4": "none",
    }  # fmt: skip
    for name, text in changes.items():
        Path(name).write_text(text)
    job = job_of(WORDS)

    def film() -> bytes:
        (result,) = render([job], BatchOptions(jobs=1)).results
        assert result.status == "rendered", result.error
        return job.video.read_bytes()

    seen = [film()]
    for name, text in (("typ/deep.typ", "#let word = [ZZZ]"), ("own.typ", "[Z]")):
        assert why(job) == []
        Path(name).write_text(text)
        assert why(job) == [f"{name} changed"]
        seen.append(film())
    assert len(set(seen)) == 3, "what is shown follows"
    for name in ("letters.ttf", "clip.mp4"):
        Path(name).write_text("other")
    assert why(job) == ["clip.mp4 changed", "letters.ttf changed"]
