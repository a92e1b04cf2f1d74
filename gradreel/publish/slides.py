"""A slide deck with one step per beat, as html, pptx or pdf, made by manim-slides.

deck = build_deck(builtin_lecture(), LectureSettings.of("h"), Path("media"), "html")
"""

from __future__ import annotations

import contextlib
import html
import io
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

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
from gradreel.errors import SetupError, UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.publish import reveal_assets
from gradreel.publish.beat_export import cut_beats
from gradreel.publish.film import file_stem, frame_at
from gradreel.publish.lecture_file import Lecture
from gradreel.publish.rendered_scenes import RenderedScene, job_for_part, render_scenes
from gradreel.publish.still_clips import as_video
from gradreel.translate.catalogue import catalogue_at
from gradreel.translate.scene_texts import untranslated_notes

if TYPE_CHECKING:
    from deltarender.batch import BatchOptions
    from deltarender.events import BatchListener

KINDS = ("html", "pptx", "pdf")
BACKGROUNDS = {"dark": "#0E141B", "light": "#FCFBF8"}
ROUNDING = 3  # by which a color of 0 to 255 may change when it is encoded
SLIDE_WIDTH = 1280  # of a PowerPoint slide, in its own pixels of 1/96 inch
# Browsers show an empty slide for a missing video, so the page says itself what is missing.
MISSING_VIDEO_SCRIPT = """
<script>
// A browser lets a page be heard only after it was used: the first slide begins without sound.
for (const use of ["keydown", "pointerdown"]) addEventListener(use, () => {
  for (const video of document.querySelectorAll(".slide-background video")) video.muted = false;
}, { capture: true, once: true });
addEventListener("error", (event) => {
  if (!(event.target instanceof HTMLElement) || !event.target.closest("video, source")) return;
  const lost = event.target.getAttribute("src") || "";
  if (!lost || lost.startsWith("data:")) return;
  let note = document.getElementById("lost");
  if (!note) {
    note = document.body.appendChild(document.createElement("p"));
    note.id = "lost";
    note.style = "position:fixed;z-index:99;left:0;right:0;top:0;margin:0;padding:.6em;" +
      "background:#7a1f1f;color:#fff;font:16px sans-serif";
  }
  note.textContent = "A video is missing: " + lost +
    ". Move the whole folder of the deck, not only this page.";
}, true);
</script>
"""


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
    one_file: bool = False,
    target: Path | None = None,
    force: bool = False,
    options: BatchOptions | None = None,
    listen: BatchListener | None = None,
) -> Deck:
    """Render what is missing or stale, and write the deck; `kind` is one of KINDS.

    An html deck is a folder with `index.html`, or with `one_file` a single page. A `target` that
    this program did not write is refused with UsageError unless `force`: then a single file is
    replaced, and other files in a folder stay. Raises SetupError if manim-slides or reveal.js is
    missing, RenderError for scenes that fail.
    """
    if not profile.fast_path:
        raise UsageError("a deck is made of MP4 with a background.", hint="Leave out --format.")
    folder = kind == "html" and not one_file
    rule = ASIDE
    if target is not None:
        # Checked before rendering, so that a refusal does not come minutes later.
        rule = _check_target(target, kind, folder, force)
    _require_tools(kind)
    scenes = render_scenes(
        [job_for_part(p, profile, media) for p in lecture.parts], options, listen
    )
    ending = "" if folder else f".{kind}"
    target = target or media / "slides" / profile.name / f"{file_stem(lecture.title)}{ending}"
    title = catalogue_at(profile.language).sentence(lecture.title)
    _write_deck(scenes, title, kind, target, rule, profile, one_file)
    count = sum(len(scene.beats) for scene in scenes)
    notes = untranslated_notes((scene.manifest for scene in scenes), profile.language)
    return Deck(target / "index.html" if folder else target, count, notes)


def _write_deck(
    scenes: Sequence[RenderedScene], title: str, kind: str, target: Path, rule: Rule,
    profile: LectureSettings, one_file: bool,
) -> None:  # fmt: skip
    # The scratch folder is beside the deck, not in it, even if the deck's folder is `.`.
    parent = ensure_writable(Path(os.path.abspath(target)).parent)
    with scratch_folder(parent / ".scratch") as work:
        videos = [
            as_video(scene, work / f"still-{k}.mp4", profile.encode)
            for k, scene in enumerate(scenes)
        ]
        decks = [_presentation(scene, work / f"{k:03}", profile) for k, scene in enumerate(videos)]
        built = _convert(decks, title, kind, work / "deck", one_file, profile)
        with dir_lock(parent / ".scratch"):
            _install(built, target, rule)


def _require_tools(kind: str) -> None:
    """Raise SetupError if manim-slides, or reveal.js for html, is not installed."""
    try:
        import manim_slides.convert  # noqa: F401
    except ImportError:
        raise SetupError(
            "decks need manim-slides, which is not installed.",
            hint='Install it: pip install "gradreel[slides]"',
        ) from None
    if kind == "html":
        reveal_assets.require_assets()


def _presentation(scene: RenderedScene, folder: Path, profile: LectureSettings) -> Any:
    """The clips of a scene, written to `folder`, as a manim-slides presentation."""
    from manim_slides.config import PresentationConfig

    folder.mkdir()
    slides = [
        {
            "file": str(clip), "rev_file": str(clip), "loop": bool(beat.get("loop")),
            "notes": beat.get("say", ""), "dedent_notes": False,
        }
        for clip, beat in zip(cut_beats(scene, folder), scene.beats, strict=True)
    ]  # fmt: skip
    return PresentationConfig.model_validate(
        {
            "slides": slides,
            "resolution": scene.size,
            "background_color": _background(scene, profile),
        }
    )


def _background(scene: RenderedScene, profile: LectureSettings) -> str:
    """The color around a scene: that in the corner of its first frame, as RRGGBB."""
    theme = BACKGROUNDS[profile.theme]
    pixel = frame_at(scene.video, 0.0).getpixel((0, 0))
    of_theme = bytes.fromhex(theme[1:])
    if all(abs(a - b) <= ROUNDING for a, b in zip(pixel, of_theme, strict=True)):
        return theme
    return (
        "#" + bytes(0 if c <= ROUNDING else 255 if c >= 255 - ROUNDING else c for c in pixel).hex()
    )


def _convert(
    decks: list[Any], title: str, kind: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    """Write the deck into `work`; returns its file, or for a deck of html files its folder."""
    work.mkdir()
    writers: dict[str, Callable[..., Path]] = {"html": _html, "pptx": _pptx, "pdf": _pdf}
    with contextlib.redirect_stderr(io.StringIO()):  # it draws progress bars even into pipes
        return writers[kind](decks, title, work, one_file, profile)


def _html(
    decks: list[Any], title: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    from manim_slides.convert import RevealJS

    for deck in decks:
        for slide in deck.slides:
            # The template inserts notes into the page unescaped, and they are parsed as Markdown.
            slide.notes = _escape_markdown(slide.notes)
    page = work / "index.html"
    RevealJS(
        presentation_configs=decks, one_file=one_file, offline=True, title=html.escape(title),
        assets_dir="videos", reveal_version=reveal_assets.VERSION, hash="true", progress="true",
        slide_number="c/t", background_color=BACKGROUNDS[profile.theme],
    ).convert_to(page)  # fmt: skip
    # Browsers autoplay a video only if it is muted, or once somebody has used the page.
    loud = iter([_has_sound(slide.file) for deck in decks for slide in deck.slides])
    video = "data-background-video="
    text = re.sub(
        video,
        lambda _: video if next(loud) else f'data-background-video-muted="" {video}',
        page.read_text(encoding="utf-8"),
    )
    head, _, tail = text.rpartition("</body>")
    page.write_text(f"{head}{MISSING_VIDEO_SCRIPT}</body>{tail}", encoding="utf-8")
    return page if one_file else work


def _has_sound(clip: Path) -> bool:
    with av.open(str(clip)) as source:
        return bool(source.streams.audio)


def _escape_markdown(words: str) -> str:
    return html.escape("".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>&" else c for c in words))


def _pptx(
    decks: list[Any], title: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    from manim_slides.convert import PowerPoint

    # The poster of a clip is its first frame, the default of manim-slides: PowerPoint shows it
    # until the clip plays, and it is the last picture of the slide before. The pdf has last frames.
    path = work / "deck.pptx"
    width, height = decks[0].resolution  # which a scene's file may set
    height = round(SLIDE_WIDTH * height / width)
    PowerPoint(presentation_configs=decks, width=SLIDE_WIDTH, height=height).convert_to(path)
    if len({deck.resolution for deck in decks}) > 1:
        _fit_movies(path, [deck.resolution for deck in decks for _ in deck.slides])
    return path


def _fit_movies(path: Path, sizes: Sequence[tuple[int, int]]) -> None:
    """Give each movie of a PowerPoint file its own proportions, centered on its slide."""
    from manim_slides import convert

    deck: Any = vars(convert)["pptx"].Presentation(str(path))
    for slide, (width, height) in zip(deck.slides, sizes, strict=True):
        scale = min(deck.slide_width / width, deck.slide_height / height)
        for shape in slide.shapes:
            shape.width, shape.height = round(width * scale), round(height * scale)
            shape.left = (deck.slide_width - shape.width) // 2
            shape.top = (deck.slide_height - shape.height) // 2
    deck.save(str(path))


def _pdf(
    decks: list[Any], title: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    from manim_slides.convert import PDF

    path = work / "deck.pdf"
    PDF(presentation_configs=decks).convert_to(path)
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
