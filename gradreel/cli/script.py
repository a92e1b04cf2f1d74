"""The command `script`: what a lecture says, to read or to translate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradreel.cli.dry_runs import exit_with_errors, run_scenes
from gradreel.cli.film_slides_gallery import choose_lecture
from gradreel.cli.options import (
    OutputOptions,
    RunOptions,
    dry_run_options,
    language_option,
    target_options,
)
from gradreel.cli.scene_selection import SceneSelection, scene_selection
from gradreel.lecture_settings import LectureSettings

if TYPE_CHECKING:
    from deltarender.owned_files import Rule
    from gradreel.publish.lecture_file import Lecture


@click.command()
@scene_selection
@click.option(
    "--to",
    "kind",
    type=click.Choice(("md", "po")),
    default="md",
    show_default=True,
    help="md: every sentence with its time; po: a catalogue to translate or reword",
)
@language_option
@dry_run_options
@click.option("--force", is_flag=True, help="let -o replace a file that another program wrote")
@target_options
def script(
    selection: SceneSelection, kind: str, language: str,
    run: RunOptions, output: OutputOptions,
) -> None:  # fmt: skip
    """What a lecture says, sentence by sentence, without rendering it.

    With --to po it is a catalogue for --language of other commands; translations that the catalogue
    of --language has already are kept.
    """
    from deltarender.jobs import Job, SceneRef
    from deltarender.owned_files import put
    from gradreel.translate.catalogue import require_catalogue

    target = output.target
    catalogue = require_catalogue(language)
    rule = _check_target(target, kind, catalogue, force=run.force)
    lecture = choose_lecture(selection)
    profile = LectureSettings.of("l", language=catalogue if kind == "md" else "")
    refs = [(SceneRef(p.file, p.cls, p.name), p.params) for p in lecture.parts]
    jobs = [Job(ref, profile, params, output.media_dir) for ref, params in refs]
    runs = run_scenes(jobs, run)
    if any(one.error is not None for one in runs):
        exit_with_errors(runs)
    by_job = {one.job: one.manifest for one in runs}
    text = _document(kind, lecture, [by_job[job] or {} for job in jobs], catalogue)
    if kind == "po":
        click.echo(_state_of(text, catalogue), err=True)
    if target is None:
        click.echo(text, nl=False)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        put(target.parent, {target.name: text}, rule)
        click.echo(target)


def _check_target(target: Path | None, kind: str, catalogue: str, *, force: bool) -> Rule:
    """The rule by which `target` is written. Raises UsageError if it cannot be written.

    A catalogue that is updated keeps its translations, so it may be replaced.
    """
    from deltarender.owned_files import Rule, check_file

    if target is None:
        return Rule()
    is_update = kind == "po" and catalogue and target.exists() and target.samefile(catalogue)
    rule = Rule(force=frozenset({target} if force or is_update else ()))
    check_file(target, (".po", ".pot") if kind == "po" else (".md",), rule)
    return rule


def _state_of(text: str, catalogue: str) -> str:
    """How much of a catalogue is translated, and what was left out of the one it was made from."""
    from gradreel.translate.po_file import parse_po

    messages = parse_po(text, "")[1]
    fuzzy = sum(message.fuzzy for message in messages)
    empty = sum(not message.translation for message in messages)
    state = f"{len(messages) - fuzzy - empty} translated, {fuzzy} fuzzy (to revise), {empty} empty"
    if catalogue:
        before = parse_po(Path(catalogue).read_text(encoding="utf-8"), catalogue)[1]
        unused = {m.text for m in before} - {m.text for m in messages}
        state += f"; {len(unused)} no longer said, left out"
    return f"{state}."


def _document(kind: str, lecture: Lecture, manifests: list[dict[str, Any]], catalogue: str) -> str:
    """The script or the catalogue of a lecture whose scenes have these manifests."""
    from gradreel.publish import script as publish
    from gradreel.translate.po_file import parse_po

    if kind == "md":
        return publish.script_page(lecture, manifests)
    raw = Path(catalogue).read_text(encoding="utf-8") if catalogue else ""
    header, known = parse_po(raw, catalogue)
    return publish.catalogue_template(lecture, manifests, header, known)
