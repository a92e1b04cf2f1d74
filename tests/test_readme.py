"""Commands, links and code in README, CONTRIBUTING, ARCHITECTURE and docs work as written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

import deltarender.cli
from gradreel.cli import group
from gradreel.cli.scene_selection import resolve_targets
from gradreel.publish import lecture_file
from tests.scenes.run_scene import dry_run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
PROGRAM = re.compile(r"^\s*(?:\S*\bpython render\.py|gradreel|python -m gradreel) (.*)")
RENDERER = re.compile(r"^deltarender (.*)", re.M)
SCENE = """from manim import *

class MyScene(Scene):
    def construct(self):
        self.play(Create(Circle()), run_time=0.3)
"""


def code_blocks(language: str, page: Path) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), flags=re.S)


COMMANDS = [
    (page.name, match[1])
    for page in PAGES
    for language in ("sh", "")
    for block in code_blocks(language, page)
    for line in block.splitlines()
    if (match := PROGRAM.match(line))
]


def test_commands_are_found():
    assert {page for page, _ in COMMANDS} >= {"README.md", "codewalk.md", "deltarender.md"}


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_commands_can_be_parsed(page, line):
    name, *arguments = shlex.split(line, comments=True)
    command = group.get_command(click.Context(group), name)
    assert command is not None, name
    context = command.make_context(name, arguments, resilient_parsing=False)
    scenes = context.params.get("scenes") or ()
    # A path stands for a file of the reader's own.
    ours = [scene for scene in scenes if ".py" not in scene]
    if not scenes or ours:
        assert resolve_targets(ours, every=not ours)


def test_commands_of_the_renderer_can_be_parsed():
    lines = RENDERER.findall("".join(code_blocks("sh", ROOT / "docs" / "deltarender.md")))
    assert len(lines) > 4
    for line in lines:
        arguments = shlex.split(line, comments=True)
        context = deltarender.cli.command.make_context("deltarender", arguments)
        assert context.params["file"] == "scene.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_linked_files_exist(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_modules_exist(page):
    """Modules and files of the packages that a page names in backquotes."""
    text = page.read_text()
    for module in re.findall(r"`((?:gradreel|deltarender)(?:\.\w+)+)", text):
        assert resolvable(module.split(".")), module
    for path in re.findall(r"`((?:gradreel|deltarender|scenes|tools|tests)/[\w./]+)`", text):
        own = ("my_claim", "softmax_gradient")  # of the reader
        assert (ROOT / path).exists() or any(name in path for name in own), path


def test_new_names_in_the_changelog_exist():
    """The second column of its table: modules, and names in the last of them."""
    rows = re.findall(r"^\| `.* \| (`.*) \|$", (ROOT / "CHANGELOG.md").read_text(), flags=re.M)
    assert len(rows) > 50
    for row in rows:
        modules, _, symbols = row.replace("`", "").partition(": ")
        for module in modules.split(", "):
            assert resolvable(module.split(".")), module
        for symbol in filter(None, symbols.split(", ")):
            assert resolvable([*module.split("."), symbol]), f"{module}.{symbol}"


def resolvable(parts: list[str]) -> bool:
    """Whether the parts name a module, or a name that its source defines."""
    for count in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:count])
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.exists():
                rest = parts[count:]
                return not rest or bool(re.search(rf"\b{re.escape(rest[0])}\b", file.read_text()))
    return False


def test_the_lecture_file_can_be_read(tmp_path):
    (text,) = code_blocks("toml", ROOT / "README.md")
    (tmp_path / "mine.toml").write_text(text)
    lecture = lecture_file.read_lecture(tmp_path / "mine.toml")
    assert [(part.name, part.title) for part in lecture.parts] == [
        ("TangentLine", ""), ("ChainRule", "Again, at 1"), ("SecantToTangent", ""),
    ]  # fmt: skip


def test_the_recorded_numbers_are_those_of_the_readme():
    (block,) = (text for text in code_blocks("python", ROOT / "README.md") if "record(" in text)
    code, *expressions = re.split(r"^(?=tape\.grad|\[step)", block, flags=re.M)
    names: dict[str, object] = {}
    source = ROOT / "README.md"
    exec(compile(code, str(source), "exec"), names)
    for part in expressions:
        expression, _, expected = part.partition("#")
        expected = expected.strip()
        value = eval(expression.strip(), names)
        if expected.startswith("Quantity("):
            number, source_ = re.fullmatch(r"Quantity\((.*?), source='(.*)'\)", expected).groups()
            assert (float(value), value.source) == (float(number), source_)
        else:
            assert value == eval(expected)


@pytest.mark.slow
def test_the_python_api_of_the_renderer_works(tmp_path, monkeypatch, capsys):
    blocks = code_blocks("python", ROOT / "docs" / "deltarender.md")
    (code,) = (text for text in blocks if "import" in text)
    (tmp_path / "scene.py").write_text(SCENE)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "deltarender.md", "exec"), {})
    assert capsys.readouterr().out.startswith("MyScene rendered media/videos/480p10/MyScene.mp4")
    assert (tmp_path / "media" / "videos" / "480p10" / "MyScene.mp4").is_file()


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    """The README's `mine.py`, in the working folder."""
    (code,) = (text for text in code_blocks("python", ROOT / "README.md") if "# mine.py" in text)
    (tmp_path / "mine.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mine.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", [line for page, line in COMMANDS if page == "README.md" and "mine.py:" in line]
)
def test_programs_of_a_user_are_shown(line, mine):
    _, name, *rest = shlex.split(line, comments=True)
    params = [rest[k + 1] for k, word in enumerate(rest) if word == "-P"]
    scene = dry_run(name, **dict(pair.split("=", 1) for pair in params))
    assert scene.faults == []
    assert scene.tape is None or scene.tape.backward()
