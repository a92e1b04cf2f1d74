"""Ways in which a picture can depend on something: each is noticed or marked, none is overlooked.

Each row runs a piece of a scene in this process, changes something, and asks for the reasons to
render again. A row with a `cause` cannot be noticed: the picture is marked instead.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import sqlite3
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deltarender import facts
from deltarender.cache_key import FileHasher
from deltarender.engine.read_tracker import ReadTracker

# What scenes write is careless: they leave files open.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")

Change = Callable[[], object] | Mapping[str, str]


@dataclass(frozen=True)
class Way:
    """A way to depend on something: files before, what the scene does, what is changed then."""

    name: str
    scene: str
    change: Change = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], object] = lambda: None
    cause: str = ""


def touch(name: str) -> None:
    os.utime(name, (1, 1))


def rewrite_same_second(name: str, text: str) -> None:
    """Replace a file as `rsync -a` does: another file of the same size and time."""
    before = os.stat(name)
    Path("new").write_text(text)
    assert os.path.getsize("new") == before.st_size
    os.utime("new", ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace("new", name)


def link_to(target: str, name: str = "link") -> None:
    Path(name).unlink(missing_ok=True)
    Path(name).symlink_to(target)


def database(value: int) -> None:
    with sqlite3.connect("data.db") as connection:
        connection.execute("create table if not exists t (x)")
        connection.execute("insert into t values (?)", (value,))
    connection.close()


A, B = {"a.txt": "1"}, {"a.txt": "2"}
READ_IN_FORK = """
import os
child = os.fork()
if child == 0:
    open("a.txt").read()
    os._exit(0)
os.waitpid(child, 0)
"""
READ_IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(16) as pool:
    list(pool.map(lambda k: open(f"{k}.txt").read(), range(200)))
"""

WAYS = (
    # Files that Python opens.
    Way("open", "open('a.txt').read()", B, A),
    Way("os.open", "import os; os.read(os.open('a.txt', os.O_RDONLY), 9)", B, A),
    Way("a relative path after chdir", "import os; os.chdir('d'); open('../a.txt')", B,
        A | {"d/x": ""}),
    Way("a file that is gone", "open('a.txt').read()", lambda: os.unlink("a.txt"), A),
    Way("200 files in 16 threads", READ_IN_THREADS, {"177.txt": "new"},
        {f"{k}.txt": "x" for k in range(200)}),
    Way("a process that it forks", READ_IN_FORK, B, A),
    Way("r+", "open('a.txt', 'r+').read()", B, A),
    Way("np.memmap", "import numpy; numpy.memmap('a.txt', 'u1')[0]", B, A),
    Way("np.load", "import numpy; numpy.load('a.npy')", lambda: np.save("a.npy", [2]),
        prepare=lambda: np.save("a.npy", [1])),
    Way("a log that it appends to and reads", "open('a.txt', 'a').write('x'); open('a.txt').read()",
        before=A),
    Way("a counter", "n = int(open('a.txt').read()); open('a.txt', 'w').write(str(n + 1))",
        before=A),
    Way("a file of the same size and time", "open('a.txt').read()",
        lambda: rewrite_same_second("a.txt", "2"), A),
    Way("a cache that it makes if there is none",
        "import os\nif not os.path.exists('c'): open('c', 'w').write('1')\nopen('c').read()",
        {"c": "2"}),
    Way("a file below the media folder", "open('media/images/a.txt').read()",
        {"media/images/a.txt": "2"}, {"media/images/a.txt": "1"}),
    Way("another film", "open('media/videos/480p15/Other.mp4', 'rb').read()",
        {"media/videos/480p15/Other.mp4": "2"}, {"media/videos/480p15/Other.mp4": "1"}),
    Way("a zip archive", "import zipfile; zipfile.ZipFile('a.zip').namelist()",
        {"a.zip": "PK\5\6" + "\1" * 18}, {"a.zip": "PK\5\6" + "\0" * 18}),
    # Files that C opens.
    Way("sqlite", "import sqlite3; sqlite3.connect('data.db').execute('select * from t')",
        lambda: database(2), prepare=lambda: database(1)),
    Way("a PNG read by cairo", "import cairo; cairo.ImageSurface.create_from_png('a.png')",
        lambda: Image.new("RGB", (3, 3)).save("a.png"),
        prepare=lambda: Image.new("RGB", (2, 2)).save("a.png")),
    Way("a font read by PIL", "from PIL import ImageFont\ntry: ImageFont.truetype('./a.ttf')\n"
        "except OSError: pass", {"a.ttf": "2"}, {"a.ttf": "1"}),
    Way("a library loaded by ctypes", "import ctypes\ntry: ctypes.CDLL('./lib.so')\n"
        "except OSError: pass", {"lib.so": "2"}),
    # What is not there, and may be later.
    Way("a missing file", "try: open('b.txt')\nexcept OSError: pass", {"b.txt": ""}),
    Way("Path.exists", "from pathlib import Path; Path('b.txt').exists()", {"b.txt": ""}),
    Way("os.path.isdir", "import os; os.path.isdir('d')", {"d/x": ""}),
    Way("os.access", "import os; os.access('b.txt', os.R_OK)", {"b.txt": ""}),
    Way("the size of a file", "import os; os.stat('a.txt').st_size", {"a.txt": "longer"}, A),
    # Folders.
    Way("os.listdir", "import os; os.listdir('d')", {"d/b": ""}, {"d/a": ""}),
    Way("os.scandir", "import os; list(os.scandir('d'))", {"d/b": ""}, {"d/a": ""}),
    Way("glob", "import glob; glob.glob('d/*.png')", {"d/b.png": ""}, {"d/a.png": ""}),
    Way("Path.rglob", "from pathlib import Path; list(Path('d').rglob('*'))", {"d/e/b": ""},
        {"d/e/a": ""}),
    Way("a file removed from a folder", "import os; os.listdir('d')", lambda: os.unlink("d/a"),
        {"d/a": ""}),
    # Links.
    Way("a link to a file", "open('link').read()", lambda: link_to("b.txt"),
        A | {"b.txt": "2"}, lambda: link_to("a.txt")),
    Way("a link to a folder", "open('link/x').read()", lambda: link_to("e"),
        {"d/x": "1", "e/x": "2"}, lambda: link_to("d")),
    Way("os.readlink", "import os; os.readlink('link')", lambda: link_to("b.txt"), {},
        lambda: link_to("a.txt")),
    # Modules.
    Way("a helper", "import helper_1", {"helper_1.py": "x = 2"}, {"helper_1.py": "x = 1"}),
    Way("a helper imported late", "def f():\n import helper_2\nf()", {"helper_2.py": "x = 2"},
        {"helper_2.py": "x = 1"}),
    Way("an optional helper", "try: import helper_3\nexcept ImportError: pass",
        {"helper_3.py": ""}),
    Way("a helper that shadows another", "import sys; sys.path.insert(0, 'e')\nimport helper_4",
        {"e/helper_4.py": ""}, {"helper_4.py": "", "e/x": ""}),
    Way("a helper that shadows a library", "import this", {"this.py": ""}),
    Way("__init__.py added", "import space_1.part", {"space_1/__init__.py": ""},
        {"space_1/part.py": ""}),
    Way("a package instead of a module", "import helper_5", {"helper_5/__init__.py": ""},
        {"helper_5.py": ""}),
    Way("a module in a namespace package",
        "import space_2\ntry: import space_2.more\nexcept ImportError: pass",
        {"space_2/more.py": ""}, {"space_2/part.py": ""}),
    Way("a source that is read", "exec(open('code.py').read())", {"code.py": "x = 1 # new"},
        {"code.py": "x = 1"}),
    # The surroundings.
    Way("os.environ", "import os; os.environ.get('FRESH_1')", lambda: os.putenv("FRESH_1", "x")
        or os.environ.update(FRESH_1="x")),
    Way("os.getenv", "import os; os.getenv('FRESH_2')", lambda: os.environ.update(FRESH_2="x")),
    Way("in os.environ", "import os; 'FRESH_3' in os.environ",
        lambda: os.environ.update(FRESH_3="x")),
    Way("PYTHONPATH", "import helper_6", lambda: os.environ.update(PYTHONPATH="e"),
        {"helper_6.py": "", "e/x": ""}),
    Way("the time zone", "import datetime; datetime.datetime.fromtimestamp(0).hour",
        lambda: os.environ.update(TZ="Asia/Tokyo")),
    Way("the locale", "import locale; locale.setlocale(locale.LC_CTYPE, '')",
        lambda: os.environ.update(LC_ALL="C")),
    # What cannot be noticed.
    Way("the time", "import time; time.time()", cause="the time"),
    Way("the date", "import datetime; datetime.date.today()", cause="the time"),
    Way("random", "import random; random.random()", cause="random numbers without a seed"),
    Way("numpy's random", "import numpy; numpy.random.rand()",
        cause="random numbers without a seed"),
    Way("a new generator", "import numpy; numpy.random.default_rng()",
        cause="random numbers without a seed"),
    Way("os.urandom", "import os; os.urandom(4)", cause="random numbers without a seed"),
    Way("a program", "import subprocess; subprocess.run(['true'])",
        cause="a program that it starts: true"),
    Way("os.system", "import os; os.system('true')", cause="a program that it starts: true"),
    Way("the network", "import socket\ntry: socket.create_connection(('127.0.0.1', 9), 0.1)\n"
        "except OSError: pass", cause="the network"),
    Way("all variables", "import os; dict(os.environ)", cause="all environment variables"),
)  # fmt: skip


def run(scene: str) -> ReadTracker:
    """Run a piece of a scene as a file of the project in the working directory."""
    Path("film.py").write_text(scene + "\n")
    folder = Path.cwd()
    spec = importlib.util.spec_from_file_location("film_of_a_test", "film.py")
    assert spec is not None and spec.loader is not None
    tracker = ReadTracker([])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
            gc.collect(0)
    finally:
        tracker.stop()
        os.chdir(folder)
    return tracker


def reasons(tracker: ReadTracker) -> list[str]:
    """Why what the tracker has seen is not as it was."""
    hasher = FileHasher()
    changed = [path for path, digest in tracker.digests.items() if hasher.of(path) != digest]
    sections = facts.as_json(tracker.facts, str)
    return changed + list(facts.changes(sections, hasher.state))


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(os, "environ", os.environ)
    before, modules = dict(os.environ), set(sys.modules)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)
    time.tzset()
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], "__file__", None) is None or "helper" in name:
            del sys.modules[name]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_no_dependence_is_overlooked(way: Way, project: Path) -> None:
    write(way.before)
    way.prepare()
    tracker = run(way.scene)
    if way.cause:
        assert tracker.causes == [way.cause]
        assert reasons(tracker) == []
        return
    assert tracker.causes == []
    if not (callable(way.change) or way.change):
        assert reasons(tracker)
        return
    assert reasons(tracker) == []
    if callable(way.change):
        way.change()
    else:
        write(way.change)
    assert len(reasons(tracker)) >= 1
