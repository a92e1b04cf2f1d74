"""Real batches: their outputs, what counts as fresh, and what is left after a failure."""

from __future__ import annotations

import json
import os
import shutil
import signal as signals
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import pytest

from deltarender.batch import BatchOptions, dry_run, plan, render
from deltarender.events import JobStarted
from deltarender.jobs import Job, RenderSettings, SceneRef

pytestmark = pytest.mark.slow
TINY = RenderSettings(320, 180, 10)


def scratch_is_empty(media: Path) -> bool:
    """Whether no incomplete file is left anywhere below `media`."""
    return not [*media.glob(".scratch/run-*"), *media.rglob("*.part")]


MOVING = """
class Main(Scene):
    def construct(self):
        self.next_section("one")
        self.play(Create(Circle()), run_time=1)
        self.next_section("two")
        self.wait(0.5)
"""


def statuses(report) -> list[str]:
    return [result.status for result in report.results]


def test_video_and_manifest_agree_with_the_scene(job_of):
    job = job_of(MOVING)
    report = render([job], BatchOptions(jobs=1))
    assert statuses(report) == ["rendered"], report.results[0].error
    assert report.exit_code == 0
    with av.open(str(job.video)) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (320, 180, 10)
        assert sum(1 for _ in video.decode(stream)) == report.results[0].frames == 15
    manifest = json.loads(job.manifest.read_text())
    assert [(b["name"], b["start"], b["end"]) for b in manifest["beats"]] == [
        ("one", 0.0, 1.0), ("two", 1.0, 1.5),
    ]  # fmt: skip
    assert job.vtt.read_text().startswith("WEBVTT")
    assert scratch_is_empty(job.media_dir)


def test_sound_and_subcaptions_are_in_the_outputs(job_of, tmp_path):
    import wave

    with wave.open(str(tmp_path / "tone.wav"), "wb") as tone:
        tone.setnchannels(1)
        tone.setsampwidth(2)
        tone.setframerate(44100)
        tone.writeframes(b"\x00\x20\x00\xe0" * 22050)
    job = job_of(f"""
class Main(Scene):
    def construct(self):
        self.add_sound({str(tmp_path / "tone.wav")!r})
        self.add_subcaption("a < b", duration=1)
        self.wait(0.5)
""")
    assert statuses(render([job], BatchOptions(jobs=1))) == ["rendered"]
    with av.open(str(job.video)) as video:
        picture, sound = video.streams
        assert picture.frames == 5
        # As in the video by Manim, the sound is not cut at the last frame.
        assert float(sound.duration * sound.time_base) == pytest.approx(1, abs=0.05)
    assert "a < b" in job.srt.read_text()
    assert "a &lt; b" in job.vtt.read_text()
    (tmp_path / "tone.wav").write_bytes(b"other")
    ((_, why),) = plan([job])
    assert len(why) == 1
    assert "tone.wav" in why[0]


@pytest.mark.parametrize("kind", ["webm", "mov"])
def test_other_formats_are_written_by_manim_and_a_note_says_so(job_of, kind):
    job = job_of(MOVING, profile=replace(TINY, format=kind, transparent=kind == "mov"))
    report = render([job], BatchOptions(jobs=1))
    assert statuses(report) == ["rendered"], report.results[0].error
    assert job.video.exists()
    assert "Manim" in report.results[0].note
    assert statuses(render([job], BatchOptions(jobs=1))) == ["fresh"]


@pytest.mark.parametrize(
    ("setting", "suffix", "note"),
    [
        ("config.transparent = True", ".mov", "transparent mov"),
        ("config.save_last_frame = True", ".png", "png"),
    ],
)
def test_a_file_that_sets_its_own_output_format_gets_it(job_of, setting, suffix, note):
    job = job_of(f"{setting}\n{MOVING}")
    (result,) = render([job], BatchOptions(jobs=1)).results
    assert result.status == "rendered", result.error
    assert result.path.suffix == suffix
    assert note in result.note


def test_only_changes_that_affect_the_picture_are_noticed(job_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "far.py").write_text("RADIUS = 1\n")
    (tmp_path / "near.py").write_text("from far import RADIUS\n")
    (tmp_path / "data.txt").write_text("0.5")
    (tmp_path / "unused.py").write_text("")
    body = """
from near import RADIUS
class Main(Scene):
    def construct(self):
        self.add(Circle(RADIUS).scale(float(open("data.txt").read())))
        self.wait(0.3)
class Other(Scene):
    def construct(self):
        self.wait(0.3)
"""
    jobs = [job_of(body), job_of(body.replace("from near import RADIUS", ""), "Other", name="o.py")]
    assert statuses(render(jobs, BatchOptions(jobs=2))) == ["rendered"] * 2
    assert [why for _, why in plan(jobs)] == [[], []]
    (tmp_path / "unused.py").write_text("x = 1")
    assert [why for _, why in plan(jobs)] == [[], []]
    for name, text in (("far.py", "RADIUS = 2\n"), ("data.txt", "0.75")):
        before = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text)
        assert [why for _, why in plan(jobs)] == [[f"{name} changed"], []]
        (tmp_path / name).write_text(before)
    assert [why for _, why in plan(jobs)] == [[], []]
    jobs[0].video.write_bytes(b"not what was rendered")
    assert [bool(why) for _, why in plan(jobs)] == [True, False]


def test_a_failure_does_not_affect_other_scenes(job_of):
    bad = {
        "Raises": "self.wait(0.3); 1 / 0",
        "Leaves": "import os; os._exit(0)",
        "Quits": "raise SystemExit(0)",
        "Recurses": "self.construct()",
        "Mute": "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})()",
        "Opens": "open('.')",
        "Hangs": "import time\n        while True: time.sleep(1)",
    }
    source = MOVING + "".join(
        f"class {name}(Scene):\n    def construct(self):\n        {body}\n"
        for name, body in bad.items()
    )
    jobs = [job_of(source, name) for name in (*bad, "Main", "Missing")]
    report = render(jobs, BatchOptions(jobs=2, timeout=10))
    assert statuses(report) == [*["failed"] * len(bad), "rendered", "failed"]
    assert report.exit_code == 1
    by_name = {result.job.target.name: result for result in report.results}
    assert "ZeroDivisionError" in by_name["Raises"].error
    assert "1 / 0" in by_name["Raises"].line
    assert "exit code 0" in by_name["Leaves"].error
    assert "Mute" in by_name["Mute"].error
    assert "IsADirectoryError" in by_name["Opens"].error
    assert "open(" in by_name["Opens"].line
    assert "10 seconds" in by_name["Hangs"].error
    assert "Main" in by_name["Missing"].error
    media = jobs[0].media_dir
    assert sorted(p.name for p in jobs[0].folder.glob("*.mp4")) == ["Main.mp4"]
    assert scratch_is_empty(media)


def test_a_video_removed_during_the_batch_counts_as_failed(job_of):
    jobs = [job_of(MOVING), job_of(MOVING, name="other.py")]

    def remove_video(event):
        if isinstance(event, JobStarted) and jobs[0].video.exists():
            jobs[0].video.unlink()

    report = render(jobs, BatchOptions(jobs=1, split=1), remove_video)
    assert statuses(report) == ["failed", "rendered"]
    assert str(jobs[0].video) in report.results[0].error


def test_a_dry_run_has_the_times_of_the_video(job_of):
    job = job_of("""
class Main(Scene):
    beat_observers = []
    @classmethod
    def with_params(cls, raw):
        return cls
    def construct(self):
        self.play(Create(Circle()), run_time=0.77)
        self.wait(0.55)
        self.now = self.time
    def manifest(self):
        return {"scene": "Main", "claim": "", "inputs": {}, "tape": None,
                "beats": [{"name": "all", "say": "so", "start": 0.0, "end": self.now,
                           "loop": False, "numbers": []}]}
""")
    (played,) = dry_run([job])
    render([job], BatchOptions(jobs=1))
    manifest = json.loads(job.manifest.read_text())
    assert played.error is None
    assert played.manifest["beats"][0]["end"] == pytest.approx(manifest["beats"][0]["end"])
    assert manifest["duration"] == pytest.approx(manifest["beats"][0]["end"])


SLOW = """
class Main(Scene):
    def construct(self):
        for _ in range(400):
            self.play(Rotate(Square(), 1), run_time=1)
"""
RUN = """
import pickle, sys
from deltarender.batch import BatchOptions, render
if __name__ == "__main__":
    sys.exit(render(pickle.load(open(sys.argv[1], "rb")), BatchOptions(jobs=2)).exit_code)
"""


def _start_batch(job, tmp_path: Path) -> subprocess.Popen:
    """A batch of two long scenes in a process of its own, whose workers have begun to render."""
    import pickle

    twin = Job(SceneRef(job.target.file, "Main", "Twin"), job.profile, media_dir=job.media_dir)
    (tmp_path / "jobs.pickle").write_bytes(pickle.dumps([job, twin]))
    (tmp_path / "run.py").write_text(RUN)
    home = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "run.py", "jobs.pickle"], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(home)},
        # A test run in the background ignores interrupts, and children would inherit that.
        preexec_fn=lambda: signals.signal(signals.SIGINT, signals.SIG_DFL),
    )  # fmt: skip
    _wait_until(lambda: len(list(job.media_dir.glob(".scratch/run-*/*/video.mp4"))) == 2)
    return process


def test_workers_ignore_warning_filters_and_files_named_like_the_standard_library(job_of, tmp_path):
    import pickle

    for name in ("wave", "random", "queue"):
        (tmp_path / "here" / f"{name}.py").parent.mkdir(exist_ok=True)
        (tmp_path / "here" / f"{name}.py").write_text("raise ImportError")
    job = job_of(MOVING)
    (tmp_path / "jobs.pickle").write_bytes(pickle.dumps([job]))
    (tmp_path / "run.py").write_text(RUN)
    home = Path(__file__).resolve().parents[2]
    env = {**os.environ, "PYTHONPATH": str(home), "PYTHONWARNINGS": "error"}
    assert subprocess.run([sys.executable, "../run.py", "../jobs.pickle"], cwd=tmp_path / "here",
                          env=env, timeout=90).returncode == 0  # fmt: skip
    assert job.video.exists()


def _wait_until(holds, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "the condition was never met"
        time.sleep(0.05)


def _processes_with(text: str) -> list[int]:
    """The processes that have a file below `text` open."""
    pids = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd).startswith(text) for fd in (folder / "fd").iterdir()):
                pids.append(int(folder.name))
        except OSError:
            continue
    return pids


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
@pytest.mark.parametrize(("signal", "code"), [(2, 130), (15, 130), (9, -9)])
def test_no_process_survives_the_end_of_a_batch(job_of, tmp_path, signal, code):
    job = job_of(SLOW)
    process = _start_batch(job, tmp_path)
    process.send_signal(signal)
    assert process.wait(60) == code
    _wait_until(lambda: not _processes_with(str(job.media_dir)))
    assert not list(job.media_dir.glob("videos/**/*.mp4"))
    # A killed batch cannot remove its scratch folder; its workers do.
    _wait_until(lambda: scratch_is_empty(job.media_dir), 10)
    following = job_of(MOVING, "Main", name="short.py")
    assert statuses(render([following], BatchOptions(jobs=1))) == ["rendered"]
    assert scratch_is_empty(job.media_dir)


def _workers(job, process) -> list[int]:
    return [p for p in _processes_with(str(job.media_dir / ".scratch")) if p != process.pid]


def _children(job, process) -> list[int]:
    """The fork server, and the process that tracks its resources."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(child) for child in children.split()]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
@pytest.mark.parametrize("victims", [_workers, _children])
def test_workers_and_fork_server_are_replaced_when_they_are_killed(job_of, tmp_path, victims):
    job = job_of(SLOW.replace("400", "60"))
    process = _start_batch(job, tmp_path)
    for victim in victims(job, process)[: 1 if victims is _workers else None]:
        os.kill(victim, 9)
    assert process.wait(120) == 0
    with av.open(str(job.video)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 60 * 10
    assert scratch_is_empty(job.media_dir)


LEAVES_DAEMON = """
import os, time
class Main(Scene):
    def construct(self):
        if os.fork() == 0:
            os.setsid()
            open("daemon", "w").write(str(os.getpid()))
            time.sleep(60)
            os._exit(0)
        self.wait(0.2)
"""


def test_a_process_that_a_scene_leaves_does_not_keep_the_output_open(job_of, tmp_path):
    import pickle

    (tmp_path / "jobs.pickle").write_bytes(pickle.dumps([job_of(LEAVES_DAEMON)]))
    # Without a main guard: workers do not run the script again.
    (tmp_path / "run.py").write_text(RUN.replace('if __name__ == "__main__"', "if True"))
    home = Path(__file__).resolve().parents[2]
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "run.py", "jobs.pickle"], cwd=tmp_path, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(home)}, timeout=90,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - start < 50
    os.kill(int((tmp_path / "daemon").read_text()), signals.SIGKILL)


FORKS = """
import os, time
class Main(Scene):
    def construct(self):
        if os.fork() == 0: time.sleep(600)
        self.wait(0.2)
class Leaves(Scene):
    def construct(self):
        if os.fork() == 0: time.sleep(600)
        os._exit(3)
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_processes_forked_by_a_scene_end_with_it(job_of):
    jobs = [job_of(FORKS), job_of(FORKS, "Leaves")]
    assert statuses(render(jobs, BatchOptions(jobs=2))) == ["rendered", "failed"]
    _wait_until(lambda: not _processes_with(str(jobs[0].media_dir)))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_an_error_names_the_folder_that_cannot_be_written(job_of):
    job = job_of(MOVING)
    job.media_dir.mkdir()
    job.media_dir.chmod(0o500)
    report = render([job], BatchOptions(jobs=1))
    assert statuses(report) == ["failed"]
    assert str(job.media_dir) in report.results[0].error


def test_a_failure_with_hardly_any_space_left_says_so(job_of, monkeypatch):
    usage = shutil.disk_usage("/")
    free = 12_345
    monkeypatch.setattr("deltarender.batch.shutil.disk_usage", lambda _: usage._replace(free=free))
    report = render(
        [job_of("class Main(Scene):\n    def construct(self): 1 / 0\n")], BatchOptions(jobs=1)
    )
    assert "ZeroDivisionError" in report.results[0].error
    assert report.results[0].error.endswith("has only 12 kB left.")


def test_a_file_that_cannot_grow_is_an_error_that_says_what_to_do(job_of):
    # As on a full disk, the error comes from writing, not from opening.
    source = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n" + MOVING
    report = render(
        [replace(job_of(source), profile=RenderSettings(1280, 720, 30))], BatchOptions(jobs=1)
    )
    assert statuses(report) == ["failed"]
    assert "cannot write there: file too large" in report.results[0].error
    assert scratch_is_empty(report.results[0].job.media_dir)


def test_the_longest_scene_starts_first_also_in_another_quality(job_of):
    source = """
class Short(Scene):
    def construct(self):
        self.wait(0.1)
class Long(Scene):
    def construct(self):
        for _ in range(6):
            self.play(Rotate(Square()), run_time=1)
class Never(Short):
    pass
"""
    # The first job of a worker also takes what a worker does once.
    small = [job_of(source, name) for name in ("Long", "Short")]
    render(small, BatchOptions(jobs=1))
    large = replace(small[0].profile, width=2 * TINY.width, height=2 * TINY.height)
    started = []
    jobs = [replace(job_of(source, name), profile=large) for name in ("Short", "Long", "Never")]

    def listen(event):
        if isinstance(event, JobStarted):
            started.append(event.job.target.name)

    render(jobs, BatchOptions(jobs=1), listen)
    assert started == ["Never", "Long", "Short"]
