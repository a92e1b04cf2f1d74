"""Freshness of real renders, a few of the ways in test_freshness.py together."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deltarender.batch import BatchOptions, render
from deltarender.cache_key import FileHasher, may_depend_on, stale_reasons
from deltarender.jobs import Job

pytestmark = pytest.mark.slow
FILM = """
import multiprocessing, os, sqlite3, subprocess
import helper
try: import optional
except ImportError: pass

def content(name): return open(name).read()

class Main(Scene):
    def construct(self):
        for name in sorted(os.listdir("pictures")):
            self.add(Square())
        sqlite3.connect("data.db").execute("select * from t").fetchall()
        os.environ.get("COLOR_OF_A_TEST")
        with multiprocessing.get_context("fork").Pool(2) as pool:
            pool.map(content, ["pool.txt"] * 2)
        self.add(Text("A"))
        self.wait(0.2)

class Program(Scene):
    def construct(self):
        subprocess.run(["cat", "program.txt"])
        self.wait(0.2)

class Declared(Program):
    depends_on = ["prog*.txt", "$OTHER_OF_A_TEST"]

class Unused(Scene):
    def construct(self): self.wait(1)
"""


def database(value: int) -> None:
    with sqlite3.connect("data.db") as connection:
        connection.execute("create table if not exists t (x)")
        connection.execute("insert into t values (?)", (value,))
    connection.close()


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Job]:
    """Three scenes, rendered in a project that is its own media folder."""
    folder = tmp_path_factory.mktemp("project")
    before = Path.cwd()
    os.chdir(folder)
    try:
        from deltarender.jobs import RenderSettings, SceneRef

        Path("film.py").write_text("from manim import *\n" + FILM)
        Path("helper.py").write_text("x = 1")
        Path("pool.txt").write_text("1")
        Path("program.txt").write_text("1")
        Path("pictures").mkdir()
        Path("pictures/a.png").touch()
        database(1)
        settings = RenderSettings(320, 180, 10)
        found = {
            name: Job(SceneRef(Path("film.py"), name, name), settings, media_dir=Path("."))
            for name in ("Main", "Program", "Declared")
        }
        report = render(list(found.values()), BatchOptions(jobs=1, split=1))
        errors = [result.error for result in report.results]
        assert [r.status for r in report.results] == ["rendered"] * 3, errors
    finally:
        os.chdir(before)
    return found | {"folder": folder}  # type: ignore[dict-item]


@pytest.fixture
def project(jobs: dict[str, Job], monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    monkeypatch.chdir(str(jobs["folder"]))
    return jobs


def reasons(job: Job) -> list[str]:
    return stale_reasons(job, FileHasher())


def test_nothing_is_rendered_for_nothing(project: dict[str, Job]) -> None:
    film = Path("film.py").read_text()
    try:
        Path("film.py").write_text(film.replace("self.wait(1)", "self.wait(2)  # longer"))
        os.utime("helper.py", (1, 1))
        for name in ("Main", "Program", "Declared"):
            assert reasons(project[name]) == []
    finally:
        Path("film.py").write_text(film)


def test_what_cannot_be_noticed_is_named_unless_it_is_declared(project: dict[str, Job]) -> None:
    assert may_depend_on(project["Main"]) == []
    assert may_depend_on(project["Program"]) == ["a program that it starts: cat"]
    assert may_depend_on(project["Declared"]) == []
    done = subprocess.run(
        [sys.executable, "-m", "gradreel", "render", "film.py:Program", "--resolution", "320,180",
         "--fps", "10", "--media-dir", ".", "--dry-run", "--json"],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    (row,) = json.loads(done.stdout)["plan"]
    assert row["may_depend_on"] == ["a program that it starts: cat"]


def write(name: str) -> Callable[[pytest.MonkeyPatch], object]:
    return lambda _: Path(name).write_text("2")


@pytest.mark.parametrize(
    ("scene", "change", "reason"),
    [
        ("Declared", write("program.txt"), "prog*.txt names other files"),
        ("Declared", lambda m: m.setenv("OTHER_OF_A_TEST", "1"),
         "the environment variable OTHER_OF_A_TEST changed"),
        ("Main", lambda m: m.setenv("COLOR_OF_A_TEST", "red"),
         "the environment variable COLOR_OF_A_TEST changed"),
        ("Main", lambda m: m.setenv("LC_ALL", "C"), "the environment variable LC_ALL changed"),
        ("Main", write("optional.py"), "optional has appeared"),
        ("Main", write("pictures/b.png"), "pictures holds other files"),
        ("Main", lambda _: database(2), "data.db changed"),
        ("Main", write("pool.txt"), "pool.txt changed"),
        ("Main", write("helper.py"), "helper.py changed"),
    ],
)  # fmt: skip
def test_each_change_is_a_reason(
    project: dict[str, Job], monkeypatch: pytest.MonkeyPatch, scene: str, change, reason: str
) -> None:
    before = reasons(project[scene])
    change(monkeypatch)
    assert [r for r in reasons(project[scene]) if r not in before] == [reason]
