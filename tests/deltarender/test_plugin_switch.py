"""`deltarender on` and `off`: which files they change, and that nothing else in them changes."""

from __future__ import annotations

import configparser
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from deltarender import cli, cli_switch, plugin_switch
from deltarender.errors import UsageError

USER = Path("../home/.config/manim/manim.cfg")
FOLDER = Path("manim.cfg")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder, and an empty home beside it."""
    for name in ("home", "work"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(Path, "home", lambda: Path("../home"))
    monkeypatch.delenv("DELTARENDER", raising=False)


def plugins(path: Path) -> str | None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    return parser.get("CLI", "plugins", fallback=None)


def test_it_is_enabled_for_the_user_and_disabled_again() -> None:
    assert plugin_switch.enable() == [USER]
    assert USER.read_text() == "[CLI]\nplugins = deltarender\n"
    assert plugin_switch.enable() == []
    assert plugin_switch.disable() == [USER]
    assert USER.read_text() == "[CLI]\n"
    assert plugin_switch.disable() == []


@pytest.mark.parametrize(
    ("before", "enabled", "disabled"),
    [
        ("[CLI]\nfps = 9 # x\n", "[CLI]\nplugins = deltarender\nfps = 9 # x\n", None),
        (
            "# mine\n[logger]\nplugins = no\n\n[CLI]\nPlugins: a,\n  b\nfps = 3\n[ffmpeg]\nx = 1",
            "# mine\n[logger]\nplugins = no\n\n[CLI]\nplugins = a,b,deltarender\nfps = 3\n"
            "[ffmpeg]\nx = 1\n",
            "# mine\n[logger]\nplugins = no\n\n[CLI]\nplugins = a,b\nfps = 3\n[ffmpeg]\nx = 1\n",
        ),
        ("[logger]\na = 1", "[logger]\na = 1\n[CLI]\nplugins = deltarender\n", None),
        ("[CLI]", "[CLI]\nplugins = deltarender\n", "[CLI]\n"),
    ],
)  # fmt: skip
def test_other_lines_stay(before: str, enabled: str, disabled: str | None) -> None:
    USER.parent.mkdir(parents=True)
    USER.write_text(before)
    plugin_switch.enable()
    assert USER.read_text() == enabled
    plugin_switch.disable()
    assert USER.read_text() == (disabled or enabled.replace("plugins = deltarender\n", ""))


def test_plugins_of_the_working_folder_decide() -> None:
    FOLDER.write_text("[CLI]\nplugins = another\n")
    assert plugin_switch.enable() == [FOLDER]
    assert plugins(FOLDER) == "another,deltarender"
    USER.parent.mkdir(parents=True)
    USER.write_text("[CLI]\nplugins = deltarender\n")
    assert plugin_switch.disable() == [USER, FOLDER]
    assert (plugins(USER), plugins(FOLDER)) == (None, "another")


def test_a_file_that_is_not_one_stays_as_it_is() -> None:
    FOLDER.write_text("plugins")
    with pytest.raises(UsageError, match="not a configuration file"):
        plugin_switch.disable()
    assert FOLDER.read_text() == "plugins"


@pytest.mark.parametrize(
    ("setting", "listed", "expected"),
    [("", True, True), ("", False, False), ("OFF", True, False), ("on", False, True),
     ("maybe", True, True)],
)  # fmt: skip
def test_the_variable_overrides_the_files(
    setting: str, listed: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DELTARENDER", setting)
    assert plugin_switch.is_on([" deltarender"] if listed else []) is expected


def test_the_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            cli.main(list(arguments))
        except SystemExit as leaving:
            return int(leaving.code or 0), *capsys.readouterr()
        return 0, *capsys.readouterr()

    monkeypatch.setattr(cli_switch, "entry_points", lambda group: [])
    code, _, error = run("on")
    assert (code, USER.exists()) == (1, False)
    assert "Install this package again" in error
    point = EntryPoint("deltarender", "deltarender.plugin.entry_point", "manim.plugins")
    monkeypatch.setattr(cli_switch, "entry_points", lambda group: [point])
    monkeypatch.setenv("DELTARENDER", "off")
    code, said, error = run("on")
    assert (code, said) == (0, "`manim` renders with deltarender.\n")
    assert "manim.cfg: changed" in error
    assert "But the variable DELTARENDER says off." in error
    code, said, error = run("off")
    assert (code, said) == (0, "`manim` renders with Manim itself.\n")
    assert run("on", "film.py")[0] == 2
