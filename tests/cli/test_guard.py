"""Every command that writes, among files that are not ours: none is lost, by -o or otherwise.

The table has a row for every command there is, so that a new one cannot be forgotten.
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
# What a command is called with here; those with -o are tried on every target below, too.
ROWS: Mapping[str, tuple[str, ...]] = {
    "list": (),
    "show": (SCENE,),
    "render": (SCENE, *TINY, "-j", "1", "--force"),
    "values": (SCENE, "-j", "1", "--update"),
    "lint": (SCENE, "-j", "1"),
    "film": (SCENE, *TINY, "-j", "1", "--no-cards"),
    "slides": (SCENE, *TINY, "-j", "1", "--to", "pdf"),
    "stills": (SCENE, *TINY, "-j", "1"),
    "gallery": (),
    "bench": (SCENE, *TINY),
    "doctor": (),
}
WITH_OUTPUT = [name for name in COMMANDS if name in ("film", "slides")]
PROFILE = "64x36p5" if 64 * 9 != 36 * 16 else "36p5"


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A working folder with a scene, a lecture file, other work, and links to it."""
    (tmp_path / "s.py").write_text(SOURCE.format(name="First"))
    (tmp_path / "lecture.toml").write_text('title = "T"\n')
    (tmp_path / "site").mkdir()
    for name in ("thesis.tex", "index.html"):
        (tmp_path / "site" / name).write_text(f"years of {name}")
    (tmp_path / "theirs.mp4").write_bytes(b"a film of theirs")
    for ending in (".mp4", ".pdf"):
        (tmp_path / f"link{ending}").symlink_to(tmp_path / "site" / "thesis.tex")
    (tmp_path / "dir.mp4").mkdir()
    (tmp_path / "dir.pdf").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> GradreelError | SystemExit | None:
    """Run a command in this process; the error it ends with, None if all was well."""
    done = CliRunner().invoke(group, arguments, standalone_mode=False)
    if isinstance(done.exception, (GradreelError, SystemExit)):
        return done.exception if getattr(done.exception, "code", 1) else None
    if done.exception is not None:
        raise done.exception
    return None


def works(folder: Path) -> dict[str, bytes]:
    """Every plain file of a folder, and where every link leads."""
    return {
        str(p.relative_to(folder)): os.fsencode(os.readlink(p))
        if p.is_symlink()
        else p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_symlink() or p.is_file()
    }


def test_every_command_has_a_row() -> None:
    assert set(ROWS) == set(COMMANDS)
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
def test_a_target_is_refused_before_anything_is_rendered(home, command, target, force) -> None:
    ending = ".mp4" if command == "film" else ".pdf"
    if target in ("link", "dir", "s.py/talk"):
        target += ending
    if target == "theirs":
        target = f"theirs{ending}"
        (home / target).write_bytes(b"a file of theirs")
    if force and target.startswith(("link", "theirs")):
        pytest.skip("--force is for these")
    before = works(home)
    error = run(command, *ROWS[command], "-o", target, *force)
    assert isinstance(error, UsageError)
    assert works(home) == before
    assert not (home / "media").exists()


def test_the_endings_that_are_valid_are_named(home) -> None:
    assert "Valid: .mp4" in str(run("film", *ROWS["film"], "-o", "s.py"))


@pytest.mark.parametrize("ending", [".png", ".srt", ".vtt", ".chapters.txt"])
def test_what_lies_beside_a_film_is_never_replaced(home, ending) -> None:
    (home / f"talk{ending}").write_text("theirs")
    error = run("film", *ROWS["film"], "-o", "talk.mp4", "--force")
    assert f"talk{ending}" in str(error)
    assert (home / f"talk{ending}").read_text() == "theirs"


@pytest.mark.parametrize("target", ["site", "."])
def test_a_folder_of_others_is_refused_by_name(home, target) -> None:
    error = run("slides", SCENE, *TINY, "-o", target)
    assert isinstance(error, UsageError)
    assert "thesis.tex" in str(error) if target == "site" else "lecture.toml" in str(error)
    assert (home / "site" / "thesis.tex").exists()


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_golden_files_are_known_by_what_they_hold(home, kind) -> None:
    place = home / "tests" / "golden" / "First.json"
    place.parent.mkdir(parents=True)
    if kind == "file":
        place.write_text('{"mine": 1}')
    elif kind == "link":
        place.symlink_to(home / "site" / "thesis.tex")
    else:
        place.mkdir()
    before = works(home)
    assert isinstance(run("values", *ROWS["values"]), UsageError)
    assert works(home) == before


def test_bench_works_in_a_temporary_folder(home, monkeypatch, tmp_path_factory) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    seen = []

    def fail(comparison, target):
        seen.append(comparison.folder)
        raise RenderError("enough")

    monkeypatch.setattr(compare._Comparison, "one_scene", fail)
    before = works(home)
    assert isinstance(run("bench", *ROWS["bench"]), RenderError)
    assert seen[0].parent == scratch
    assert not seen[0].exists()
    assert works(home) == before


def traps(home: Path) -> None:
    """Links and files of others at every place below media that a command writes to."""
    thesis = home / "site" / "thesis.tex"
    videos = home / "media" / "videos" / PROFILE
    for place in (
        videos / "First.mp4", videos / "First.json", videos / "First.srt",
        home / "media" / "logs" / PROFILE / "First.mp4.log",
        home / "media" / "gallery" / "index.html",
        home / "media" / "gallery" / "posters" / f"{PROFILE}-First.jpg",
        home / "media" / f"First-{PROFILE}.mp4",
        home / "media" / ".cache" / "text-0" / "lock",
        home / "media" / "stills" / PROFILE / "First" / "01-First-begins.png",
    ):  # fmt: skip
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(thesis)
    for number, place in enumerate(
        (videos / "First.vtt", home / "media" / ".scratch" / "run-results" / "notes.txt",
         home / "media" / "stills" / PROFILE / "First" / "notes.txt")
    ):  # fmt: skip
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"their notes {number}")


@pytest.mark.slow
def test_no_command_loses_what_lies_in_the_media_folder(home) -> None:
    """One after the other in one folder: so the renders are shared."""
    traps(home)
    before = works(home)
    for command, arguments in ROWS.items():
        if command in ("bench", "doctor"):
            continue
        assert run(command, *arguments) is None, command
        after = works(home)
        # Contents, not names: what is in the way may be renamed, but nothing of it may be missing.
        assert set(before.values()) <= set(after.values()), command
        thesis = os.fsencode(home / "site" / "thesis.tex")
        links = [[*found.values()].count(thesis) for found in (before, after)]
        assert links[0] == links[1], command
    run("doctor")
    assert set(before.values()) <= set(works(home).values())


@pytest.mark.slow
def test_our_own_targets_are_replaced_without_force(home) -> None:
    for _ in range(2):
        assert run("film", *ROWS["film"], "-o", "out/talk.mp4") is None
        assert run("slides", *ROWS["slides"], "-o", "out/talk.pdf") is None
    # As the earlier version left it: no record.
    (home / "out" / ".rendered-files").unlink()
    assert run("film", *ROWS["film"], "-o", "out/talk.mp4") is None
    (home / "out" / "talk.srt").write_text("mended by hand")
    assert "talk.srt" in str(run("film", *ROWS["film"], "-o", "out/talk.mp4"))
    assert run("film", *ROWS["film"], "-o", "theirs.mp4", "--force") is None
    assert run("film", *ROWS["film"], "-o", "link.mp4", "--force") is None
    assert (home / "site" / "thesis.tex").read_text() == "years of thesis.tex"


@pytest.mark.slow
def test_a_deck_goes_in_beside_what_others_have_there_with_force(home, monkeypatch) -> None:
    pytest.importorskip("manim_slides")
    _pretend_that_reveal_is_there(home / "cache", monkeypatch)
    (home / "site" / "index.html").unlink()
    deck = ("slides", SCENE, *TINY, "-j", "1", "-o", "site")
    assert isinstance(run(*deck), UsageError)
    assert run(*deck, "--force") is None
    assert run(*deck, "--force") is None
    assert (home / "site" / "thesis.tex").read_text() == "years of thesis.tex"
    assert (home / "site" / "index.html").exists()
    # A deck alone in its folder is replaced without --force, and nothing is left of the old one.
    for _ in range(2):
        assert run(*deck[:-1], "deck") is None
    (home / "deck" / "notes.txt").write_text("theirs")
    assert "notes.txt" in str(run(*deck[:-1], "deck"))


def _pretend_that_reveal_is_there(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put files where manim-slides looks for those of reveal.js: what they hold plays no part."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    reveal_assets.home().mkdir(parents=True)
    for name in reveal_assets.FILES:
        (reveal_assets.home() / Path(name).name).write_text("/* */")


@pytest.mark.slow
def test_a_film_rendered_by_an_earlier_version_is_known_by_its_manifest(home) -> None:
    assert run("render", *ROWS["render"]) is None
    videos = home / "media" / "videos" / PROFILE
    (videos / ".rendered-files").unlink()
    before = sorted(works(videos))
    assert run("render", *ROWS["render"]) is None
    assert sorted(works(videos)) == sorted([*before, ".rendered-files"])
    (videos / ".rendered-files").unlink()
    (videos / "First.srt").write_text("mended by hand")
    assert run("render", *ROWS["render"]) is None
    assert (videos / "First.srt.kept-1").read_text() == "mended by hand"
