"""Freshness is computed from files alone: fast, and without importing Manim."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deltarender import source_digest
from deltarender.batch import BatchOptions, render
from deltarender.cache_key import FileHasher, stale_reasons
from deltarender.installed_library import installed_version
from tests.deltarender.rendered_files import write_outputs

ROOT = Path(__file__).resolve().parents[2]
# As many as a worker of a lecture scene has loaded, with the versions they have here.
LIBRARIES = {
    name: version
    for name in (
        "manim", "numpy", "scipy", "av", "pycairo", "ManimPango", "pillow", "typst", "rich",
        "click", "Pygments", "beautifulsoup4", "networkx", "moderngl", "lxml", "ipython", "tqdm",
        "srt", "pydub", "svgelements", "watchdog", "skia-pathops", "traitlets", "setuptools",
        "typing_extensions", "sympy", "pydantic", "grandalf", "isosurfaces", "cloup", "soupsieve",
        "decorator", "torch",
    )
    if (version := installed_version(name))
}  # fmt: skip
CHECK_THIRTY = """
import sys, time
from pathlib import Path
from deltarender.batch import BatchOptions, render
from deltarender.jobs import Job, RenderSettings, SceneRef
settings = RenderSettings(320, 180, 10)
jobs = [Job(SceneRef(Path("film.py"), "Main", f"Main{k}"), settings) for k in range(30)]
report = render(jobs, BatchOptions(jobs=2))
print(sorted({r.status for r in report.results}))
print(time.process_time())
heavy = {"manim", "torch", "numpy", "av", "scipy", "rich"} & set(sys.modules)
print(sorted(heavy))
"""


@pytest.fixture
def rendered(job_of, tmp_path, monkeypatch):
    """A job that counts as rendered, with one helper file."""
    monkeypatch.chdir(tmp_path)
    job = job_of("class Main(Scene): pass\n")
    (tmp_path / "helper.py").write_text("x = 1")
    files = {str(p): FileHasher().of(p) for p in (job.target.file, tmp_path / "helper.py")}
    write_outputs(job, files, LIBRARIES)
    return job


def reasons(job) -> list[str]:
    return stale_reasons(job, FileHasher())


def test_an_unchanged_job_is_fresh(rendered):
    assert reasons(rendered) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda job: Path("helper.py").write_text("x = 2"), "helper.py changed"),
        (lambda job: Path("helper.py").unlink(), "helper.py is gone"),
        (lambda job: Path("manim.cfg").write_text("[CLI]"), "manim.cfg changed"),
        (lambda job: job.video.unlink(), "Main.mp4 is missing"),
        (lambda job: job.video.write_bytes(b"cut"), "Main.mp4 was changed"),
        (lambda job: job.srt.unlink(), "Main.srt is missing"),
        (lambda job: job.vtt.write_text("WEBVTT"), "Main.vtt was changed"),
        (lambda job: job.manifest.unlink(), "not rendered yet"),
        (lambda job: job.manifest.write_text("{"), "its manifest is damaged: it is not valid JSON"),
    ],
)
def test_each_changed_file_is_a_reason(rendered, change, reason):
    change(rendered)
    assert reasons(rendered) == [reason]


def change_text(name: str, before: str, after: str) -> None:
    Path(name).write_text(Path(name).read_text().replace(before, after))


@pytest.mark.parametrize(
    ("change", "is_fresh"),
    [
        (lambda: change_text("film.py", "pass", "pass  # nothing"), True),
        (lambda: change_text("film.py", "n = 1", "n = 2"), True),
        (lambda: change_text("film.py", "pass", "n = 1"), False),
        (lambda: change_text("film.py", "pass", "pass ("), False),
        (lambda: change_text("helper.py", "x = 1", "x = (1)  # one"), True),
        (lambda: change_text("helper.py", "x = 1", "x = 2"), False),
        (lambda: os.utime("helper.py", (1, 1)), True),
        (lambda: os.replace("helper.py", "old.py"), False),
    ],
)
def test_only_what_a_source_does_counts(job_of, tmp_path, monkeypatch, change, is_fresh) -> None:
    monkeypatch.chdir(tmp_path)
    job = job_of("class Main(Scene): pass\nclass Other(Scene): n = 1\n")
    Path("helper.py").write_text("x = 1")
    names = {"film.py": "Main", "helper.py": ""}
    write_outputs(
        job, {name: FileHasher().of(name) for name in names}, LIBRARIES,
        sources={n: source_digest.describe(Path(n).read_bytes(), c) for n, c in names.items()},
    )  # fmt: skip
    change()
    assert (reasons(job) == []) is is_fresh


def test_a_scene_is_known_by_its_content_under_another_name(rendered) -> None:
    Path("film.py").rename("better.py")
    target = replace(rendered.target, file=Path("better.py"))
    renamed = replace(rendered, target=target)
    assert reasons(renamed) == []
    Path("better.py").write_text("class Main(Scene): n = 1")
    assert "another scene was there: film.py:Main" in reasons(renamed)


def test_a_linked_scene_is_the_same_scene(rendered) -> None:
    Path("link.py").symlink_to("film.py")
    linked = replace(rendered, target=replace(rendered.target, file=Path("link.py")))
    assert reasons(linked) == []


@pytest.mark.parametrize(
    ("field", "value", "start"),
    [
        ("versions", {"manim": "0.1"}, "manim 0.1 -> "),
        ("versions", {"no-such-library": "1"}, "no-such-library 1 -> absent"),
        ("format", 1, "rendered by another version"),
        ("engine", "another", "the renderer changed"),
        ("params", {"x": "5"}, "its parameters changed"),
        ("profile", {}, "its settings or encoding changed"),
        ("source", "other.py:Main", "another scene was there"),
    ],
)
def test_each_field_of_the_key_counts(rendered, field, value, start):
    manifest = json.loads(rendered.manifest.read_text())
    manifest["fingerprint"][field] = value
    rendered.manifest.write_text(json.dumps(manifest))
    assert any(reason.startswith(start) for reason in reasons(rendered))


def test_thirty_fresh_scenes_are_checked_fast_without_heavy_imports(rendered, tmp_path):
    from deltarender.jobs import Job, RenderSettings, SceneRef

    for k in range(30):
        target = SceneRef(Path("film.py"), "Main", f"Main{k}")
        job = Job(target, RenderSettings(320, 180, 10))
        write_outputs(job, {"film.py": FileHasher().of("film.py")}, LIBRARIES)
    statuses, cpu_seconds, heavy = subprocess.run(
        [sys.executable, "-c", CHECK_THIRTY], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert (statuses, heavy) == ("['fresh']", "[]")
    assert float(cpu_seconds) < 0.8, "of the whole process; it was 0.3 when this was written"


READS = """
import av, manimpango, typst
from pathlib import Path
config.tex_dir = "typ"
class Main(Scene):
    def construct(self):
        self.add(Typst('#import "words.typ": word\\n#word'))
        source = b'#set page(width: auto, height: auto)\\n#eval(read("own.typ"))'
        Path("own.svg").write_bytes(typst.Compiler(root=".").compile(source, format="svg"))
        self.add(SVGMobject("own.svg").shift(DOWN))
        manimpango.register_font("letters.ttf")
        try: av.open("clip.mp4")
        except av.error.FFmpegError: pass
        self.wait(0.1)
"""


@pytest.mark.slow
def test_files_that_libraries_read_count(job_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typ").mkdir()
    changes = {
        "typ/words.typ": '#import "deep.typ": word', "typ/deep.typ": '#let word = [AAA]',
        "own.typ": "[A]", "letters.ttf": "none", "clip.mp4": "none",
    }  # fmt: skip
    for name, text in changes.items():
        Path(name).write_text(text)
    job = job_of(READS)

    def video() -> bytes:
        (result,) = render([job], BatchOptions(jobs=1)).results
        assert result.status == "rendered", result.error
        return job.video.read_bytes()

    videos = [video()]
    for name, text in (("typ/deep.typ", "#let word = [ZZZ]"), ("own.typ", "[Z]")):
        assert reasons(job) == []
        Path(name).write_text(text)
        assert reasons(job) == [f"{name} changed"]
        videos.append(video())
    assert len(set(videos)) == 3
    for name in ("letters.ttf", "clip.mp4"):
        Path(name).write_text("other")
    assert reasons(job) == ["clip.mp4 changed", "letters.ttf changed"]
