"""What the README and docs say can be typed exists, and what they say comes out does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from gradreel.cli import group
from gradreel.cli.options import resolve_targets
from gradreel.publish import lecture_file
from tests.scenes.run_scene import dry_run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))


def blocks(language: str, page: Path) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), flags=re.S)


COMMANDS = [
    (page.name, line.split("python render.py ", 1)[1])
    for page in PAGES
    for block in blocks("sh", page)
    for line in block.splitlines()
    if "python render.py " in line
]


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_commands_are_understood(page, line):
    name, *arguments = shlex.split(line, comments=True)
    command = group.get_command(click.Context(group), name)
    assert command is not None, name
    context = command.make_context(name, arguments, resilient_parsing=False)
    ours = [n for n in context.params.get("scenes") or () if not n.startswith("path/")]
    assert resolve_targets(ours, every=not ours)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_linked_is_there(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_the_lecture_file_can_be_read(tmp_path):
    (text,) = blocks("toml", ROOT / "README.md")
    (tmp_path / "mine.toml").write_text(text)
    told = lecture_file.read(tmp_path / "mine.toml")
    assert [(part.name, part.title) for part in told.parts] == [
        ("TangentLine", ""), ("ChainRule", "Again, at 1"),
    ]  # fmt: skip


def test_the_recording_says_what_the_readme_says():
    (block,) = (text for text in blocks("python", ROOT / "README.md") if "record(" in text)
    code, *told = re.split(r"^(?=tape\.grad|\[step)", block, flags=re.M)
    names: dict[str, object] = {}
    source = ROOT / "README.md"
    exec(compile(code, str(source), "exec"), names)
    for part in told:
        expression, _, answer = part.partition("#")
        answer = answer.strip()
        value = eval(expression.strip(), names)
        if answer.startswith("Quantity("):
            number, source_ = re.fullmatch(r"Quantity\((.*?), source='(.*)'\)", answer).groups()
            assert (float(value), value.source) == (float(number), source_)
        else:
            assert value == eval(answer)


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    (code,) = (text for text in blocks("python", ROOT / "README.md") if "# mine.py" in text)
    (tmp_path / "mine.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mine.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", [line for page, line in COMMANDS if page == "README.md" and "mine.py:" in line]
)
def test_a_program_of_ones_own_is_shown(line, mine):
    _, name, *rest = shlex.split(line, comments=True)
    given = [rest[k + 1] for k, word in enumerate(rest) if word == "-P"]
    scene = dry_run(name, **dict(pair.split("=", 1) for pair in given))
    assert scene.faults == []
    assert scene.tape is None or scene.tape.backward()
