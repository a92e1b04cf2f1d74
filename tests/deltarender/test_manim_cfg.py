"""Size, rate and format of a `manim.cfg` are those of the video, unless options say otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from deltarender import manim_cfg
from deltarender.cli import command
from deltarender.errors import UsageError
from deltarender.option_sources import configured_options
from gradreel.cli.options import PictureOptions, picture_options, video_options


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with an empty home beside it."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    return tmp_path


def write(text: str, path: Path = Path("manim.cfg")) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[CLI]\n{text}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("pixel_width = 300\npixel_height = 400\n", {"resolution": (300, 400)}),
        ("pixel_height = 720\nframe_rate = 25", {"resolution": (1920, 720), "fps": 25.0}),
        ("quality = low_quality\nframe_rate = 25", {"quality": "l"}),
        ("quality = k", {"quality": "k"}),
        ("format = gif", {"format": "gif"}),
        ("format = None\nbackground_color = %RED", {}),
        ("preview = True", {"preview": True}),
        ("transparent = True", {"transparent": True, "format": "mov"}),
    ],
)
def test_what_a_file_asks_for(text: str, expected: dict[str, Any]) -> None:
    write(text)
    assert manim_cfg.picture_options() == expected


def test_the_working_folder_prevails_over_the_users(folder: Path) -> None:
    write("frame_rate = 24\nformat = webm", folder / "home" / ".config" / "manim" / "manim.cfg")
    write("frame_rate = 25")
    assert manim_cfg.picture_options() == {"fps": 25.0, "format": "webm"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[CLI]\nframe_rate = fast\n", "frame_rate = fast is not a number"),
        ("[CLI]\nquality = best\n", "quality = best is unknown"),
        ("frame_rate = 3\n", "not a configuration file"),
    ],
)
def test_a_wrong_file_is_an_error(text: str, message: str) -> None:
    Path("manim.cfg").write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        manim_cfg.picture_options()
    assert "manim.cfg" in caught.value.where


def options_of(command_to_run: click.Command, *arguments: str) -> dict[str, Any]:
    with command_to_run.make_context("x", list(arguments)):
        return configured_options()


def test_options_that_are_given_prevail() -> None:
    write("pixel_width = 300\npixel_height = 400\nframe_rate = 25\nformat = gif")
    both = {"resolution": (300, 400), "fps": 25.0}
    assert options_of(command, "film.py") == {**both, "format": "gif"}
    assert options_of(command, "film.py", "--fps", "5", "--format", "mp4") == {
        "resolution": (300, 400)
    }
    assert options_of(command, "film.py", "-q", "l") == {"format": "gif"}


def test_commands_without_a_format_take_the_size_alone() -> None:
    write("frame_rate = 25\npixel_width = 300\npixel_height = 400\nformat = gif")
    shown: list[PictureOptions] = []

    @click.command()
    @picture_options
    def film(picture: PictureOptions) -> None:
        shown.append(picture.settings())

    @click.command()
    @video_options
    def video(picture: PictureOptions) -> None:
        shown.append(picture.settings())

    for one in (film, video):
        assert CliRunner().invoke(one, [], catch_exceptions=False).exit_code == 0
    sizes = [(settings.width, settings.height, settings.fps) for settings in shown]
    assert sizes == [(300, 400, 25.0)] * 2
    assert [settings.format for settings in shown] == ["mp4", "gif"]


def test_the_folder_for_output_is_that_of_the_file() -> None:
    def media_dir(*arguments: str) -> Path:
        with command.make_context("x", ["film.py", *arguments]) as context:
            return Path(context.params["media_dir"])

    assert media_dir() == Path("media")
    write("media_dir = ./out\n")
    assert media_dir() == Path("out")
    assert media_dir("--media-dir", "here") == Path("here")


def test_the_last_frame_is_a_picture_whatever_the_file_says() -> None:
    write("format = gif\npreview = True")
    assert options_of(command, "film.py", "-s") == {"preview": True}
