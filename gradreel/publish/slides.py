"""A slide deck with one step per beat, as html, pptx or pdf.

deck = build_deck(builtin_lecture(), LectureSettings.of("h"), Path("media"), "html")
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarender.atomic_files import dir_lock, ensure_writable, scratch_folder
from deltarender.owned_files import (
    ASIDE,
    Rule,
    check_file,
    check_folder,
    entries,
    put,
    set_aside,
)
from gradreel.errors import UsageError
from gradreel.extras import missing_package
from gradreel.lecture_settings import LectureSettings
from gradreel.publish import reveal_assets
from gradreel.publish.deck_html import write_html
from gradreel.publish.deck_pdf import write_pdf
from gradreel.publish.deck_pptx import write_pptx
from gradreel.publish.deck_slides import ExplorerSlide, Slide, deck_slides
from gradreel.publish.explorer_pages import FOLDER, RECORD, explorer_page, outdated_notes
from gradreel.publish.film import file_stem
from gradreel.publish.lecture_file import Lecture
from gradreel.publish.rendered_scenes import (
    RenderedScene,
    common_language,
    job_for_part,
    render_scenes,
)
from gradreel.publish.still_clips import as_video
from gradreel.translate.catalogue import catalogue_at
from gradreel.translate.scene_texts import untranslated_notes

if TYPE_CHECKING:
    from deltarender.batch import BatchOptions
    from deltarender.events import BatchListener

KINDS = ("html", "pptx", "pdf")


@dataclass(frozen=True, slots=True)
class Deck:
    """The file of a deck, and how many slides it has; `notes` are messages for the user."""

    path: Path
    slides: int
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files to list to the user."""
        return (self.path,)

    def as_json(self) -> dict[str, Any]:
        """The JSON document of `slides --json`."""
        return {"path": str(self.path), "slides": self.slides, "notes": list(self.notes)}


def build_deck(
    lecture: Lecture,
    profile: LectureSettings,
    media: Path,
    kind: str,
    *,
    one_file: bool | None = None,
    cards: bool = True,
    explorers: bool = False,
    target: Path | None = None,
    force: bool = False,
    options: BatchOptions | None = None,
    listen: BatchListener | None = None,
) -> Deck:
    """Render what is missing or stale, and write the deck; `kind` is one of KINDS.

    An html deck is a folder with `index.html`, into which its videos go too if they are small or,
    with `one_file` False, never; with True it is a single page. With `cards` a deck of several
    chapters has slides with their titles. With `explorers`, a scene that has a recorded page in
    `media/explorers` is followed by a slide to touch. A `target` that this program did not write is
    refused with UsageError unless `force`: then a single file is replaced, and other files in a
    folder stay. Raises SetupError if python-pptx or reveal.js is missing, RenderError for scenes
    that fail.
    """
    folder = kind == "html" and not one_file
    # Checked before rendering, so that a refusal does not come minutes later.
    _require_possible(profile, kind, explorers)
    rule = ASIDE if target is None else _check_target(target, kind, folder, force)
    scenes = render_scenes(
        [job_for_part(p, profile, media) for p in lecture.parts], options, listen
    )
    pages = _explorer_pages(media, scenes) if explorers else {}
    target = target or _default_target(lecture, profile, media, "" if folder else f".{kind}")
    # The scratch folder is beside the deck, not in it, even if the deck's folder is `.`.
    parent = ensure_writable(Path(os.path.abspath(target)).parent)
    with scratch_folder(parent / ".scratch") as work:
        videos = _as_videos(scenes, profile, work)
        slides = deck_slides(lecture, videos, profile, work, cards=cards, pages=pages)
        title = catalogue_at(profile.language).sentence(lecture.title)
        language = common_language(scenes)
        built = _write(slides, title, kind, work / "deck", one_file, profile.theme, language)
        with dir_lock(parent / ".scratch"):
            _install(built, target, rule)
    notes = untranslated_notes((scene.manifest for scene in scenes), profile.language)
    if explorers:
        notes = (*notes, *outdated_notes(media, scenes))
    return Deck(target / "index.html" if folder else target, len(slides), notes)


def _default_target(lecture: Lecture, profile: LectureSettings, media: Path, ending: str) -> Path:
    return media / "slides" / profile.name / f"{file_stem(lecture.title)}{ending}"


def _explorer_pages(media: Path, scenes: Sequence[RenderedScene]) -> dict[str, Path]:
    """The recorded pages of scenes by the stems of their videos. Raises UsageError for none."""
    found = ((scene.video.stem, explorer_page(media, scene)) for scene in scenes)
    pages = {stem: page for stem, page in found if page is not None}
    if not pages:
        raise UsageError(
            "none of these scenes has a recorded page.", where=str(media / FOLDER),
            hint=f"{RECORD} {scenes[0].name}",
        )  # fmt: skip
    return pages


def _as_videos(
    scenes: Sequence[RenderedScene], profile: LectureSettings, work: Path
) -> list[RenderedScene]:
    """The scenes with videos, also those that have one picture."""
    return [as_video(s, work / f"still-{k}.mp4", profile.encode) for k, s in enumerate(scenes)]


def _require_possible(profile: LectureSettings, kind: str, explorers: bool) -> None:
    """Raise UsageError for settings that a deck cannot have, and SetupError for missing tools.

    The tools are python-pptx for pptx and reveal.js for html.
    """
    if not profile.fast_path:
        raise UsageError("a deck is made of MP4 with a background.", hint="Leave out --format.")
    if explorers and kind != "html":
        raise UsageError("only html decks can be touched.", where="--explorers")
    if kind == "html":
        reveal_assets.require_assets()
    if kind == "pptx":
        try:
            import pptx  # noqa: F401
        except ModuleNotFoundError as missing:
            raise missing_package(missing) from None


def _write(
    slides: Sequence[Slide], title: str, kind: str, work: Path, one_file: bool | None,
    theme: str, language: str,
) -> Path:  # fmt: skip
    """Write the deck into `work`; returns its file, or for a deck of html files its folder."""
    work.mkdir()
    path = work / f"deck.{kind}"
    if kind == "html":
        page = write_html(
            slides, work, title=title, theme=theme, language=language, one_file=one_file
        )
        return page if one_file else work
    printed = [slide for slide in slides if not isinstance(slide, ExplorerSlide)]
    if kind == "pptx":
        write_pptx(printed, path, title=title, theme=theme, language=language)
    else:
        write_pdf(printed, path, title=title, theme=theme)
    return path


def _check_target(target: Path, kind: str, folder: bool, force: bool) -> Rule:
    """The rule to write a target named by the user. Raises UsageError if it may not be written."""
    if folder:
        check_folder(target, Rule(), force=force, reserved=("index.html", "videos/0"))
        return Rule()
    rule = Rule(force=frozenset({target} if force else ()))
    check_file(target, (".html", ".htm") if kind == "html" else (f".{kind}",), rule)
    return rule


def _install(built: Path, target: Path, rule: Rule) -> None:
    """Move the deck to `target`; the page of a folder comes last, after its videos."""
    if not built.is_dir():
        put(target.parent, {target.name: built}, rule)
        return
    if rule.aside and os.path.lexists(target) and not target.is_dir():
        set_aside(target)
    pages = sorted(entries(built), key=lambda name: (name == "index.html", name))
    put(ensure_writable(target), {name: built / name for name in pages}, rule, alone=True)
