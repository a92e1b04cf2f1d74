"""Decks in three formats, opened in a browser, python-pptx, a PDF reader and LibreOffice."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zlib
from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from deltarender.atomic_files import ensure_writable
from gradreel.doctor import run_checks
from gradreel.errors import SetupError
from gradreel.publish import reveal_assets, slides
from gradreel.publish.beat_clips import cut_beats
from gradreel.publish.deck_pptx import write_pptx
from gradreel.publish.deck_slides import BeatSlide, name_of
from gradreel.publish.lecture_file import Lecture, LectureChapter, LecturePart
from gradreel.publish.rendered_scenes import load_rendered_scene
from gradreel.publish.video_frames import frame_at, jpeg_of
from tests.publish.browser import assert_accessible, assert_no_errors, page_of
from tests.publish.conftest import SOURCE, TINY

pytestmark = pytest.mark.slow
CARDS = ["Two squares", "One", "Two"]  # a title, and one for each chapter
BEATS = 6
NAMES = ["First begins", "on", "end", "Second begins", "on", "end"]
IS_PLAYING = """() => { const video = Reveal.getCurrentSlide().querySelector("video");
return video && getComputedStyle(video).display == "block" && video.currentTime > 0.05 }"""


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


def last_frames(media) -> list[Image.Image]:
    """The pictures with which the beats of both scenes end."""
    pictures = []
    for name in ("First", "Second"):
        stem = media / "videos" / TINY.name / name
        scene = load_rendered_scene(name, stem.with_suffix(".mp4"), stem.with_suffix(".json"))
        pictures += [frame_at(scene.video, beat["end"] - 1 / scene.fps) for beat in scene.beats]
    return pictures


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of one size, in levels of 0 to 255."""
    levels = [np.asarray(picture.convert("RGB"), float) for picture in (one, other)]
    return float(np.abs(levels[0] - levels[1]).mean())


def test_pptx(lecture, media):
    pptx = pytest.importorskip("pptx")
    deck = slides.build_deck(lecture, TINY, media, "pptx")
    opened = pptx.Presentation(str(deck.path))
    assert len(opened.slides) == deck.slides == BEATS + len(CARDS)
    assert opened.core_properties.title == "Two squares"
    titles = [s.shapes.title.text for s in opened.slides]
    assert titles[:3] == ["Two squares", "One", "First is a square: First begins"]
    beats = [s for s in opened.slides if any(hasattr(shape, "poster_frame") for shape in s.shapes)]
    assert len(beats) == BEATS
    notes = [s.notes_slide.notes_text_frame.text for s in beats if s.has_notes_slide]
    assert notes == ["It * begins <here>.", "On and on."] * 2
    movies = [next(s for s in slide.shapes if hasattr(s, "poster_frame")) for slide in beats]
    alternatives = [movie.element.xpath(".//p:cNvPr")[0].get("descr") for movie in movies]
    assert alternatives[:3] == ["It * begins <here>.", "On and on.", "First is a square: end"]
    for movie, picture in zip(movies, last_frames(media), strict=True):
        poster = Image.open(io.BytesIO(movie.poster_frame.blob))
        assert poster.format == "JPEG"
        # A small picture is enlarged: a PDF that LibreOffice makes of it would blur it.
        assert poster.size == (4 * picture.width, 4 * picture.height)
        assert difference(poster.resize(picture.size, Image.Resampling.BOX), picture) < 1
    assert opened.slide_width / opened.slide_height == pytest.approx(16 / 9, rel=0.01)


def test_pdf_has_an_outline_and_captions_that_can_be_selected(lecture, media):
    deck = slides.build_deck(lecture, TINY, media, "pdf")
    assert deck.slides == BEATS + len(CARDS)
    raw = deck.path.read_bytes()
    streams = b"".join(
        zlib.decompress(found) for found in re.findall(rb"stream\r?\n(x.*?)endstream", raw, re.S)
    )
    assert len(re.findall(rb"/Type\s*/Page\b", raw + streams)) == deck.slides
    assert raw.count(b"/DCTDecode") + streams.count(b"/DCTDecode") == BEATS
    # Two captions a scene, and the headings of three cards with the numbers of two chapters.
    assert streams.count(b"BT\n") == 4 + 3 + 2
    for text in (b"Two squares", b"First begins"):
        assert b"(" + text + b")" in raw + streams


@pytest.mark.parametrize("one_file", [False, True])
def test_an_html_deck_plays_without_a_network(chromium, lecture, media, tmp_path, one_file):
    skip_without_reveal()
    target = tmp_path / ("deck.html" if one_file else "deck")
    deck = slides.build_deck(lecture, TINY, media, "html", one_file=one_file, target=target)
    if not one_file:  # a deck can be moved to another folder
        shutil.move(target, tmp_path / "moved")
        deck = slides.Deck(tmp_path / "moved" / "index.html", deck.slides)
    with page_of(chromium, deck.path) as (page, console_errors):
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        assert page.evaluate("Reveal.getTotalSlides()") == BEATS + len(CARDS)
        assert page.evaluate("document.documentElement.lang") == "en"
        for k in range(BEATS + len(CARDS)):
            if k not in (0, 1, 5):  # those are the cards
                page.wait_for_function(IS_PLAYING)
            page.keyboard.press("Space")
        assert page.evaluate("Reveal.isLastSlide()")
        notes = page.evaluate("[...document.querySelectorAll('aside.notes')].map(n => n.innerText)")
        assert notes[0].strip() == "It * begins <here>."
        assert page.locator("[data-loop]").count() == 2
        assert_no_errors(console_errors)


def test_a_deck_goes_back_shows_all_and_is_printed(chromium, lecture, media, tmp_path):
    skip_without_reveal()
    deck = slides.build_deck(lecture, TINY, media, "html", target=tmp_path / "deck")
    assert not (tmp_path / "deck" / "videos").exists()  # they are small, and so in the page
    still = "getComputedStyle(Reveal.getCurrentSlide().querySelector('img')).visibility"
    with page_of(chromium, deck.path) as (page, console_errors):
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        page.mouse.click(800, 300)
        page.mouse.click(800, 300)
        page.wait_for_function(IS_PLAYING)
        assert page.evaluate(still) == "hidden"
        page.mouse.click(800, 300)
        page.wait_for_function(IS_PLAYING)
        page.mouse.click(60, 300)
        # The first beat is over, and stays so: its last frame is there, and nothing plays.
        assert page.evaluate("Reveal.getState().indexh") == 2
        assert page.evaluate(still) == "visible"
        assert page.evaluate("document.querySelectorAll('.plays').length") == 0
        page.keyboard.press("r")
        page.wait_for_function(IS_PLAYING)
        page.keyboard.press("o")
        names = page.locator(".overview section:not(.card) .name")
        assert names.all_inner_texts() == NAMES
        assert names.first.bounding_box()["width"] > 100
        page.keyboard.press("o")
        printed = page.pdf(format="A4")
        # Both scenes look the same: of their six pictures three differ, which are stored once.
        assert printed.count(b"/Subtype /Image") == BEATS / 2
        assert_no_errors(console_errors)
        assert_accessible(page)


def test_a_page_moved_without_its_videos_says_so(chromium, lecture, media, tmp_path):
    skip_without_reveal()
    deck = slides.build_deck(lecture, TINY, media, "html", target=tmp_path / "deck", one_file=False)
    shutil.rmtree(tmp_path / "deck" / "videos")
    with page_of(chromium, deck.path) as (page, _):
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
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == BEATS + len(CARDS), done.stderr


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


def test_a_small_picture_is_enlarged_before_it_is_compressed(tmp_path):
    pptx = pytest.importorskip("pptx")
    clip, jpeg, size = tmp_path / "clip.mp4", tmp_path / "clip.jpg", (160, 90)
    noise = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for frame in (av.VideoFrame.from_ndarray(noise, "rgb24"), None):
            out.mux(stream.encode(frame))
    picture = frame_at(clip, 0)
    jpeg.write_bytes(jpeg_of(picture))
    slide = BeatSlide("noise", "A scene", "", clip, jpeg, 0.0, size, "#000000", False, False)
    write_pptx([slide], tmp_path / "deck.pptx", title="", theme="dark", language="en")
    (page,) = pptx.Presentation(str(tmp_path / "deck.pptx")).slides
    movie = next(shape for shape in page.shapes if hasattr(shape, "poster_frame"))
    poster = Image.open(io.BytesIO(movie.poster_frame.blob))
    ideal, of_jpeg = (
        p.resize(poster.size, Image.Resampling.LANCZOS) for p in (picture, Image.open(jpeg))
    )
    assert difference(poster, ideal) < difference(of_jpeg, ideal) / 2


# As of 854 by 480 pixels, the second is of no height in whole pixels: a movie that did not fill the
# slide would be printed between pixels, which blurs it.
@pytest.mark.parametrize(("width", "height"), [(240, 180), (214, 120)])
def test_movies_fill_the_slides_of_a_light_deck(lecture, media, width, height):
    pptx = pytest.importorskip("pptx")
    profile = replace(TINY, width=width, height=height, theme="light")
    deck = slides.build_deck(lecture, profile, media, "pptx")
    opened = pptx.Presentation(str(deck.path))
    assert opened.slide_width / opened.slide_height == pytest.approx(width / height, rel=1e-6)
    movies = [s for slide in opened.slides for s in slide.shapes if hasattr(s, "poster_frame")]
    for shape in movies:
        assert shape.width == pytest.approx(opened.slide_width, abs=1)  # 1/12,700 of a point
        assert shape.height == pytest.approx(opened.slide_height, abs=1)


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


@pytest.mark.parametrize(
    ("language", "sentences", "name"),
    [
        ("", [{"text": "Eine Sekante."}], "a secant"),
        ("de", [{"text": "Eine Sekante."}, {"text": "Noch eine."}], "Eine Sekante"),
        ("de", [], "a secant"),
    ],
)
def test_outlines_of_another_language_name_a_beat_by_its_first_sentence(language, sentences, name):
    assert name_of({"name": "a secant", "sentences": sentences}, language) == name
