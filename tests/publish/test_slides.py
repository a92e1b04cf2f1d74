"""Decks in three formats, opened in a browser, python-pptx and LibreOffice."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import av
import pytest

from deltarender.atomic_files import ensure_writable
from gradreel.doctor import run_checks
from gradreel.errors import SetupError
from gradreel.publish import reveal_assets, slides
from gradreel.publish.beat_clips import cut_beats
from gradreel.publish.lecture_file import Lecture, LectureChapter, LecturePart
from gradreel.publish.rendered_scenes import load_rendered_scene
from tests.publish.browser import assert_no_errors, browser, page_of
from tests.publish.conftest import SOURCE, TINY

pytestmark = pytest.mark.slow
pytest.importorskip("manim_slides")
BEATS = 6
IS_PLAYING = """() => { const slide = Reveal.getCurrentSlide();
const video = slide.slideBackgroundContentElement?.querySelector("video");
return video && video.currentTime > 0.05 }"""


def skip_without_reveal() -> None:
    try:
        reveal_assets.require_assets()
    except SetupError:
        pytest.skip("reveal.js is not installed")


def test_clips_have_the_packets_of_the_scene(lecture, media, tmp_path):
    slides.build_deck(lecture, TINY, media, "pdf")
    scene = load_rendered_scene(
        "First",
        media / "videos" / TINY.name / "First.mp4",
        media / "videos" / TINY.name / "First.json",
    )
    clips = cut_beats(scene, tmp_path)
    packets = []
    for clip in clips:
        with av.open(str(clip)) as source:
            packets += [bytes(p) for p in source.demux(video=0) if p.size]
    with av.open(str(scene.video)) as source:
        assert packets == [bytes(p) for p in source.demux(video=0) if p.size]
    assert len(clips) == 3


def test_pptx(lecture, media):
    pptx = pytest.importorskip("pptx")
    deck = slides.build_deck(lecture, TINY, media, "pptx")
    opened = pptx.Presentation(str(deck.path))
    assert len(opened.slides) == deck.slides == BEATS
    notes = [s.notes_slide.notes_text_frame.text for s in opened.slides if s.has_notes_slide]
    assert notes == ["It * begins <here>.", "On and on."] * 2
    assert all(shape.poster_frame is not None for s in opened.slides for shape in s.shapes)
    assert opened.slide_width / opened.slide_height == pytest.approx(16 / 9, rel=0.01)


@pytest.mark.parametrize("one_file", [False, True])
def test_an_html_deck_plays_without_a_network(lecture, media, tmp_path, one_file):
    skip_without_reveal()
    target = tmp_path / ("deck.html" if one_file else "deck")
    deck = slides.build_deck(lecture, TINY, media, "html", one_file=one_file, target=target)
    if not one_file:  # a deck can be moved to another folder
        shutil.move(target, tmp_path / "moved")
        deck = slides.Deck(tmp_path / "moved" / "index.html", deck.slides)
    with browser() as chromium, page_of(chromium, deck.path) as (page, console_errors):
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        assert page.evaluate("Reveal.getTotalSlides()") == BEATS
        for _ in range(BEATS):
            page.wait_for_function(IS_PLAYING)
            page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.isLastSlide()")
        notes = page.evaluate("[...document.querySelectorAll('aside.notes')].map(n => n.innerText)")
        assert notes[0].strip() == "It * begins <here>."
        loops = page.evaluate("document.querySelectorAll('[data-background-video-loop]').length")
        assert loops == 2
        assert_no_errors(console_errors)


def test_a_page_moved_without_its_videos_says_so(lecture, media, tmp_path):
    skip_without_reveal()
    deck = slides.build_deck(lecture, TINY, media, "html", target=tmp_path / "deck")
    for video in (tmp_path / "deck" / "videos").glob("*.mp4"):
        video.unlink()
    with browser() as chromium, page_of(chromium, deck.path) as (page, _):
        page.wait_for_selector("#lost")
        assert "Move the whole folder" in page.inner_text("#lost")


def test_libreoffice_reads_the_pptx(lecture, media, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    deck = slides.build_deck(lecture, TINY, media, "pptx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    done = subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, deck.path],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    pdf = (tmp_path / f"{deck.path.stem}.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == BEATS, done.stderr


def test_without_reveal_nothing_is_rendered_and_the_doctor_reports_it(
    lecture, tmp_path, monkeypatch
):
    monkeypatch.setattr(reveal_assets, "assets_folder", lambda: tmp_path / "nothing")
    with pytest.raises(SetupError, match="reveal"):
        slides.build_deck(lecture, TINY, tmp_path / "media", "html")
    assert not (tmp_path / "media").exists()
    findings = {finding.name: finding for finding in run_checks(tmp_path)}
    assert not findings["reveal.js"].ok
    assert not findings["reveal.js"].needed
    assert findings["reveal.js"].install == "make publishing"


def test_a_light_deck_of_four_to_three(lecture, media):
    pptx = pytest.importorskip("pptx")
    profile = replace(TINY, width=240, height=180, theme="light")
    deck = slides.build_deck(lecture, profile, media, "pptx")
    opened = pptx.Presentation(str(deck.path))
    assert opened.slide_width / opened.slide_height == pytest.approx(4 / 3, rel=0.01)
    for shape in (shape for slide in opened.slides for shape in slide.shapes):
        assert (shape.width, shape.height) == (opened.slide_width, opened.slide_height)


def test_a_deck_has_two_scenes_of_one_name(media):
    for number in (1, 2):
        folder = ensure_writable(media / f"deck-{number}")
        (folder / "same.py").write_text(SOURCE.format(name="Same").replace("It *", f"{number} *"))
    parts = [LecturePart(media / f"deck-{k}" / "same.py", "Same", "Same") for k in (1, 2)]
    deck = slides.build_deck(
        Lecture("Same", (LectureChapter("", tuple(parts)),)), TINY, media, "pptx"
    )
    assert deck.slides == BEATS
    opened = pytest.importorskip("pptx").Presentation(str(deck.path))
    notes = [s.notes_slide.notes_text_frame.text for s in opened.slides if s.has_notes_slide]
    assert notes[::2] == ["1 * begins <here>.", "2 * begins <here>."]
