"""No command replaces or removes a file that it did not write, with -o or otherwise.

The table has a row for every command, so that a new command cannot be forgotten.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from deltarender.benchmark import compare
from gradreel.cli import COMMANDS, group
from gradreel.errors import GradreelError, RenderError, UsageError
from gradreel.publish import reveal_assets
from tests.publish.conftest import SOURCE

TINY = ("--resolution", "64,36", "--fps", "5")
SCENE = "s.py:First"
# The arguments of each command here. Commands with -o are also tried on every target below.
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "list": (),
    "show": (SCENE,),
    "render": (SCENE, *TINY, "-j", "1"),
    "values": (SCENE, "-j", "1", "--update"),
    "explain": ("x*y", "--inputs", "x=2, y=3"),
    "lint": (SCENE, "-j", "1"),
    "film": (SCENE, *TINY, "-j", "1", "--no-cards"),
    "slides": (SCENE, *TINY, "-j", "1", "--to", "pdf"),
    "stills": (SCENE, *TINY, "-j", "1"),
    "embed": (SCENE, *TINY, "-j", "1"),
    "gallery": (),
    "script": (SCENE, "-j", "1"),
    "new": ("talk-of-mine",),
    "studio": (SCENE,),
    "explore": (SCENE, "--export", "states.html"),
    "bench": (SCENE, *TINY),
    "doctor": (),
}
WITH_OUTPUT = [name for name in COMMANDS if name in ("render", "film", "slides", "script")]
ENDINGS = {"slides": ".pdf", "script": ".md"}  # of a target; .mp4 for the others
PROFILE = "64x36p5" if 64 * 9 != 36 * 16 else "36p5"


@pytest.fixture
def user_folder(tmp_path, monkeypatch) -> Path:
    """A working folder with a scene, a lecture file, files of the user, and links to them."""
    (tmp_path / "s.py").write_text(SOURCE.format(name="First"))
    (tmp_path / "lecture.toml").write_text('title = "T"\n')
    (tmp_path / "site").mkdir()
    for name in ("thesis.tex", "index.html"):
        (tmp_path / "site" / name).write_text(f"years of {name}")
    (tmp_path / "theirs.mp4").write_bytes(b"a film of the user")
    for ending in (".mp4", ".pdf", ".md"):
        (tmp_path / f"link{ending}").symlink_to(tmp_path / "site" / "thesis.tex")
        (tmp_path / f"dir{ending}").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> GradreelError | SystemExit | None:
    """Run a command in this process; the error that it ends with, or None."""
    done = CliRunner().invoke(group, arguments, standalone_mode=False)
    if isinstance(done.exception, (GradreelError, SystemExit)):
        return done.exception if getattr(done.exception, "code", 1) else None
    if done.exception is not None:
        raise done.exception
    return None


def contents(folder: Path) -> dict[str, bytes]:
    """The content of every file of a folder, and the target of every link."""
    return {
        str(p.relative_to(folder)): os.fsencode(os.readlink(p))
        if p.is_symlink()
        else p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_symlink() or p.is_file()
    }


def test_every_command_is_in_the_table() -> None:
    assert set(ARGUMENTS) == set(COMMANDS)
    with_output = [
        name for name in COMMANDS
        if any("-o" in p.opts for p in group.get_command(None, name).params)  # type: ignore[arg-type, union-attr]
    ]  # fmt: skip
    assert with_output == WITH_OUTPUT


REFUSED = [
    "s.py", "lecture.toml", "site", ".", "talk", "theirs", "site/thesis.tex", "s.py/talk",
    "link", "dir",
]  # fmt: skip


@pytest.mark.parametrize("force", [(), ("--force",)])
@pytest.mark.parametrize("target", REFUSED)
@pytest.mark.parametrize("command", WITH_OUTPUT)
def test_a_target_is_refused_before_anything_is_rendered(
    user_folder, command, target, force
) -> None:
    ending = ENDINGS.get(command, ".mp4")
    if target in ("link", "dir", "s.py/talk"):
        target += ending
    if target == "theirs":
        target = f"theirs{ending}"
        (user_folder / target).write_bytes(b"a file of the user")
    if force and target.startswith(("link", "theirs")):
        pytest.skip("--force replaces these")
    before = contents(user_folder)
    error = run(command, *ARGUMENTS[command], "-o", target, *force)
    assert isinstance(error, UsageError)
    assert contents(user_folder) == before
    assert not (user_folder / "media").exists()


def test_one_file_is_for_one_scene(user_folder) -> None:
    (user_folder / "two.py").write_text(SOURCE.format(name="One") + SOURCE.format(name="Two"))
    error = run("render", "two.py", *TINY, "-o", "talk.mp4")
    assert "One, Two" in str(error)


def test_valid_endings_are_listed(user_folder) -> None:
    assert "Valid: .mp4" in str(run("film", *ARGUMENTS["film"], "-o", "s.py"))


@pytest.mark.parametrize("ending", [".png", ".srt", ".vtt", ".chapters.txt"])
def test_files_beside_a_film_are_never_replaced(user_folder, ending) -> None:
    (user_folder / f"talk{ending}").write_text("theirs")
    error = run("film", *ARGUMENTS["film"], "-o", "talk.mp4", "--force")
    assert f"talk{ending}" in str(error)
    assert (user_folder / f"talk{ending}").read_text() == "theirs"


@pytest.mark.parametrize("target", ["site", "."])
def test_a_folder_with_files_of_the_user_is_refused(user_folder, target) -> None:
    error = run("slides", SCENE, *TINY, "-o", target)
    assert isinstance(error, UsageError)
    assert "thesis.tex" in str(error) if target == "site" else "lecture.toml" in str(error)
    assert (user_folder / "site" / "thesis.tex").exists()


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_a_file_that_is_not_golden_is_not_updated(user_folder, kind) -> None:
    place = user_folder / "tests" / "golden" / "First.json"
    place.parent.mkdir(parents=True)
    if kind == "file":
        place.write_text('{"mine": 1}')
    elif kind == "link":
        place.symlink_to(user_folder / "site" / "thesis.tex")
    else:
        place.mkdir()
    before = contents(user_folder)
    assert isinstance(run("values", *ARGUMENTS["values"]), UsageError)
    assert contents(user_folder) == before


def test_bench_works_in_a_temporary_folder(user_folder, monkeypatch, tmp_path_factory) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    folders = []

    def stop(target, profile, folder, **options):
        folders.append(folder.parent)
        raise RenderError("enough")

    monkeypatch.setattr(compare, "run_manim", stop)
    before = contents(user_folder)
    assert isinstance(run("bench", *ARGUMENTS["bench"]), RenderError)
    assert folders[0].parent == scratch
    assert not folders[0].exists()
    assert contents(user_folder) == before


def place_obstacles(user_folder: Path) -> None:
    """Put links and files of the user where commands write below media."""
    thesis = user_folder / "site" / "thesis.tex"
    videos = user_folder / "media" / "videos" / PROFILE
    for place in (
        videos / "First.mp4", videos / "First.json", videos / "First.srt",
        user_folder / "media" / "logs" / PROFILE / "First.mp4.log",
        user_folder / "media" / "gallery" / "index.html",
        user_folder / "media" / "gallery" / "posters" / f"{PROFILE}-First.jpg",
        user_folder / "media" / f"First-{PROFILE}.mp4",
        user_folder / "media" / ".cache" / "texts",
        user_folder / "media" / "stills" / PROFILE / "First" / "01-end.png",
    ):  # fmt: skip
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(thesis)
    for number, place in enumerate(
        (videos / "First.vtt", user_folder / "media" / ".scratch" / "run-results" / "notes.txt",
         user_folder / "media" / "stills" / PROFILE / "First" / "notes.txt")
    ):  # fmt: skip
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"their notes {number}")


@pytest.mark.slow
def test_no_command_loses_files_in_the_media_folder(user_folder) -> None:
    """All commands run in one folder, so that they share the renders."""
    place_obstacles(user_folder)
    before = contents(user_folder)
    for command, arguments in ARGUMENTS.items():
        if command in ("bench", "doctor", "studio"):
            continue
        assert run(command, *arguments) is None, command
        after = contents(user_folder)
        # Contents, not names: a file in the way may be renamed, but must not be lost.
        assert set(before.values()) <= set(after.values()), command
        thesis = os.fsencode(user_folder / "site" / "thesis.tex")
        links = [[*files.values()].count(thesis) for files in (before, after)]
        assert links[0] == links[1], command
    run("doctor")
    assert set(before.values()) <= set(contents(user_folder).values())


@pytest.mark.slow
def test_targets_of_this_program_are_replaced_without_force(user_folder) -> None:
    for _ in range(2):
        assert run("film", *ARGUMENTS["film"], "-o", "out/talk.mp4") is None
        assert run("slides", *ARGUMENTS["slides"], "-o", "out/talk.pdf") is None
        assert run("render", *ARGUMENTS["render"], "-o", "out/clip.mp4") is None
    # An earlier version left no record.
    (user_folder / "out" / ".rendered-files").unlink()
    assert run("film", *ARGUMENTS["film"], "-o", "out/talk.mp4") is None
    (user_folder / "out" / "talk.srt").write_text("mended by hand")
    assert "talk.srt" in str(run("film", *ARGUMENTS["film"], "-o", "out/talk.mp4"))
    assert run("film", *ARGUMENTS["film"], "-o", "theirs.mp4", "--force") is None
    assert run("film", *ARGUMENTS["film"], "-o", "link.mp4", "--force") is None
    assert (user_folder / "site" / "thesis.tex").read_text() == "years of thesis.tex"


@pytest.mark.slow
def test_with_force_a_deck_is_written_beside_files_of_the_user(user_folder, monkeypatch) -> None:
    _write_fake_reveal_assets(user_folder / "cache", monkeypatch)
    (user_folder / "site" / "index.html").unlink()
    deck = ("slides", SCENE, *TINY, "-j", "1", "-o", "site")
    assert isinstance(run(*deck), UsageError)
    assert run(*deck, "--force") is None
    assert run(*deck, "--force") is None
    assert (user_folder / "site" / "thesis.tex").read_text() == "years of thesis.tex"
    assert (user_folder / "site" / "index.html").exists()
    # A deck alone in its folder is replaced without --force.
    for _ in range(2):
        assert run(*deck[:-1], "deck") is None
    (user_folder / "deck" / "notes.txt").write_text("theirs")
    assert "notes.txt" in str(run(*deck[:-1], "deck"))


def _write_fake_reveal_assets(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put files in the place of those of reveal.js; their contents do not matter."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    reveal_assets.assets_folder().mkdir(parents=True)
    for name in reveal_assets.FILES:
        (reveal_assets.assets_folder() / Path(name).name).write_text("/* */")


@pytest.mark.slow
def test_a_film_of_an_earlier_version_is_recognised_by_its_manifest(user_folder) -> None:
    assert run("render", *ARGUMENTS["render"]) is None
    videos = user_folder / "media" / "videos" / PROFILE
    (videos / ".rendered-files").unlink()
    before = sorted(contents(videos))
    assert run("render", *ARGUMENTS["render"], "--force") is None
    assert sorted(contents(videos)) == sorted([*before, ".rendered-files"])
    (videos / ".rendered-files").unlink()
    (videos / "First.srt").write_text("mended by hand")
    assert run("render", *ARGUMENTS["render"]) is None
    assert (videos / "First.srt.kept-1").read_text() == "mended by hand"
