"""The command `script`: what a lecture says, to read or to translate."""

from __future__ import annotations

from pathlib import Path

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
    from deltarender.owned_files import Rule, check_file, put
    from gradreel.publish import script as publish
    from gradreel.translate.catalogue import require_catalogue
    from gradreel.translate.po_file import parse_po

    target = output.target
    catalogue = require_catalogue(language)
    # A catalogue that is updated keeps its translations, so it may be replaced.
    updates = (
        target is not None
        and kind == "po"
        and catalogue
        and target.exists()
        and target.samefile(catalogue)
    )
    rule = Rule(force=frozenset({target} if target is not None and (run.force or updates) else ()))
    if target is not None:
        check_file(target, (".po", ".pot") if kind == "po" else (".md",), rule)
    lecture = choose_lecture(selection)
    profile = LectureSettings.of("l", language=catalogue if kind == "md" else "")
    refs = [(SceneRef(p.file, p.cls, p.name), p.params) for p in lecture.parts]
    jobs = [Job(ref, profile, params, output.media_dir) for ref, params in refs]
    runs = run_scenes(jobs, run)
    if any(one.error is not None for one in runs):
        exit_with_errors(runs)
    by_job = {one.job: one.manifest for one in runs}
    manifests = [by_job[job] or {} for job in jobs]
    if kind == "md":
        text = publish.script_page(lecture, manifests)
    else:
        raw = Path(catalogue).read_text(encoding="utf-8") if catalogue else ""
        header, known = parse_po(raw, catalogue)
        text = publish.catalogue_template(lecture, manifests, header, known)
    if target is None:
        click.echo(text, nl=False)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        put(target.parent, {target.name: text}, rule)
        click.echo(target)
