"""A deck with one step a beat: html, pptx or pdf, by manim-slides from our own clips.

deck = make(built_in(), Profile.of("h"), Path("media"), "html")
"""

from __future__ import annotations

import contextlib
import html
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from gradreel.publish.beat_export import cut
from gradreel.publish.film import slug
from gradreel.publish.lecture_file import Lecture
from gradreel.publish.rendered_scenes import RenderedScene, job_of, rendered

KINDS = ("html", "pptx", "pdf")
BACKGROUNDS = {"dark": "#0E141B", "light": "#FCFBF8"}
SLIDE_WIDTH = 1280  # of a PowerPoint slide, in its own pixels of 1/96 inch
# Said on the slide itself: a browser shows nothing at all for a video that is not there.
WATCH = """
<script>
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
    """A deck's file, and how many slides it has."""

    path: Path
    slides: int
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """What to tell the user."""
        return (self.path,)

    def as_json(self) -> dict[str, Any]:
        """For `slides --json`."""
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
    options: Any = None,
    listen: Any = None,
) -> Deck:
    """Render what is missing and write the deck.

    An html deck is a folder with `index.html`, or with `one_file` a single page. A `target` that
    is not ours is refused (UsageError) unless `force`: then a single file is replaced, and in a
    folder other files stay. Raises
    SetupError where manim-slides or reveal.js is missing, RenderError for scenes that fail.
    """
    if not profile.fast_path:
        raise UsageError("a deck is made of MP4 with a background.", hint="Leave out --format.")
    folder = kind == "html" and not one_file
    rule = ASIDE
    if target is not None:
        # Before anything is rendered: nobody waits minutes for a refusal.
        rule = _checked(target, kind, folder, force)
    _require(kind)
    shots = rendered([job_of(p, profile, media) for p in lecture.parts], options, listen)
    home = media / "slides" / profile.name
    ending = "" if folder else f".{kind}"
    target = target or home / f"{slug(lecture.title)}{ending}"
    # Beside the deck and never in it, even if its folder is called `.`.
    parent = ensure_writable(Path(os.path.abspath(target)).parent)
    with scratch_folder(parent / ".scratch") as work:
        decks = [_described(shot, work / f"{k:03}", profile) for k, shot in enumerate(shots)]
        made = _convert(decks, lecture.title, kind, work / "deck", one_file, profile)
        with dir_lock(parent / ".scratch"):
            _put(made, target, rule)
    count = sum(len(shot.beats) for shot in shots)
    return Deck(target / "index.html" if folder else target, count)


def _require(kind: str) -> None:
    try:
        import manim_slides.convert  # noqa: F401
    except ImportError:
        raise SetupError(
            "decks need manim-slides, which is not installed.",
            hint='Run: make setup, or pip install "gradreel[slides]"',
        ) from None
    if kind == "html":
        reveal_assets.check()


def _described(shot: RenderedScene, folder: Path, profile: LectureSettings) -> Any:
    """A scene's clips with what manim-slides wants to know of each."""
    from manim_slides.config import PresentationConfig

    folder.mkdir()
    slides = [
        {
            "file": str(clip), "rev_file": str(clip), "loop": bool(beat.get("loop")),
            "notes": beat.get("say", ""), "dedent_notes": False,
        }
        for clip, beat in zip(cut(shot, folder), shot.beats, strict=True)
    ]  # fmt: skip
    return PresentationConfig.model_validate(
        {
            "slides": slides,
            "resolution": shot.size,
            "background_color": BACKGROUNDS[profile.theme],
        }
    )


def _convert(
    decks: list[Any], title: str, kind: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    """The finished file, or for html the finished folder."""
    work.mkdir()
    writers: dict[str, Callable[..., Path]] = {"html": _html, "pptx": _pptx, "pdf": _pdf}
    with contextlib.redirect_stderr(io.StringIO()):  # its bars would be drawn in pipes as well
        return writers[kind](decks, title, work, one_file, profile)


def _html(
    decks: list[Any], title: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    from manim_slides.convert import RevealJS

    for deck in decks:
        for slide in deck.slides:
            # The template puts notes into the page as they are, to be read as Markdown.
            slide.notes = _as_markdown(slide.notes)
    page = work / "index.html"
    RevealJS(
        presentation_configs=decks, one_file=one_file, offline=True, title=html.escape(title),
        assets_dir="videos", reveal_version=reveal_assets.VERSION, hash="true", progress="true",
        slide_number="c/t", background_color=BACKGROUNDS[profile.theme],
    ).convert_to(page)  # fmt: skip
    # Browsers start a video by itself only if it is muted; the clips have no sound to lose.
    video = "data-background-video="
    muted = f'data-background-video-muted="" {video}'
    text = page.read_text(encoding="utf-8").replace(video, muted)
    head, _, tail = text.rpartition("</body>")
    page.write_text(f"{head}{WATCH}</body>{tail}", encoding="utf-8")
    return page if one_file else work


def _as_markdown(words: str) -> str:
    return html.escape("".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>&" else c for c in words))


def _pptx(
    decks: list[Any], title: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    from manim_slides.convert import PowerPoint

    # Posters are first frames, as manim-slides has them: PowerPoint shows one until the video
    # plays, and it is the picture the slide before ended with. The pdf has the last frames.
    path = work / "deck.pptx"
    height = round(SLIDE_WIDTH * profile.height / profile.width)
    PowerPoint(presentation_configs=decks, width=SLIDE_WIDTH, height=height).convert_to(path)
    return path


def _pdf(
    decks: list[Any], title: str, work: Path, one_file: bool, profile: LectureSettings
) -> Path:
    from manim_slides.convert import PDF

    path = work / "deck.pdf"
    PDF(presentation_configs=decks).convert_to(path)
    return path


def _checked(target: Path, kind: str, folder: bool, force: bool) -> Rule:
    """The rule for a target that a user has named. Raises UsageError if it cannot be taken."""
    if folder:
        check_folder(target, Rule(), force=force, reserved=("index.html", "videos/0"))
        return Rule()
    rule = Rule(force=frozenset({target} if force else ()))
    check_file(target, (".html", ".htm") if kind == "html" else (f".{kind}",), rule)
    return rule


def _put(made: Path, target: Path, rule: Rule) -> None:
    """Put the deck in its place; of a folder the page comes last, when its videos are there."""
    if not made.is_dir():
        put(target.parent, {target.name: made}, rule)
        return
    if rule.aside and os.path.lexists(target) and not target.is_dir():
        set_aside(target)
    pages = sorted(entries(made), key=lambda name: (name == "index.html", name))
    put(ensure_writable(target), {name: made / name for name in pages}, rule, alone=True)
