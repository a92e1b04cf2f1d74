"""Recorded pages within a gallery and within decks: found, shown, touched, left again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gradreel.errors import SetupError, UsageError
from gradreel.publish import gallery, reveal_assets, slides
from gradreel.publish.rendered_scenes import job_for_part, render_scenes
from tests.publish.browser import assert_no_errors, page_of
from tests.publish.conftest import TINY

pytestmark = pytest.mark.slow
RECORDED = Path(__file__).parents[2] / "docs/explorers/AccumulationTrap.html"


@pytest.fixture(scope="module")
def media_with_page(lecture, tmp_path_factory) -> Path:
    """A media folder with both scenes, and the recorded page of one."""
    media = tmp_path_factory.mktemp("media")
    render_scenes([job_for_part(part, TINY, media) for part in lecture.parts])
    (media / "explorers").mkdir()
    shutil.copy(RECORDED, media / "explorers" / "First.html")
    return media


def press(frame) -> None:
    """Call backward() in a page, and wait for the state that it leads to."""
    frame.locator("canvas[data-state='0']").wait_for()
    frame.locator("[data-press='0']").click()
    frame.locator("canvas:not([data-state='0'])").wait_for()


def test_a_gallery_shows_the_page_in_place_of_the_film(chromium, media_with_page):
    built = gallery.build_gallery(media_with_page)
    assert built.notes == ()
    with page_of(chromium, built.path, height=900) as (page, console_errors):
        page.evaluate("setTheme('light')")
        page.click("[data-id$=Second]")
        assert page.locator("#touch:visible").count() == 0  # it has no page
        page.click("#close")
        page.click("[data-id$=First]")
        page.click("#touch")
        frame = page.frame_locator("dialog iframe")
        press(frame)
        assert frame.locator("html").get_attribute("data-theme") == "light"
        assert not page.locator("dialog video:visible, .scrub:visible, .beats:visible").count()
        # The frame is as high as the page in it.
        frame.locator("body").evaluate(
            "async () => { while (document.body.offsetHeight !== innerHeight)"
            " await new Promise(requestAnimationFrame); }"
        )
        assert page.locator("dialog iframe").bounding_box()["height"] > 400
        page.click("#touch")
        assert page.locator("dialog video:visible, .scrub:visible, .beats:visible").count() == 3
        page.click("#touch")
        frame.locator("[data-press='0']").focus()
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog:not([open])", state="attached")
        assert_no_errors(console_errors)


@pytest.mark.parametrize("one_file", [False, True])
def test_a_deck_has_a_slide_to_touch(chromium, lecture, media_with_page, tmp_path, one_file):
    try:
        reveal_assets.require_assets()
    except SetupError:
        pytest.skip("reveal.js is not installed")
    target = tmp_path / ("deck.html" if one_file else "deck")
    deck = slides.build_deck(
        lecture, TINY, media_with_page, "html", one_file=one_file, cards=False, target=target,
        explorers=True,
    )  # fmt: skip
    assert (media_with_page / "explorers" / "First.html").exists()
    with page_of(chromium, deck.path) as (page, console_errors):
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        at = "Reveal.getState().indexh"
        page.evaluate("Reveal.slide(3)")
        frame = page.frame_locator(".slides iframe")
        frame.locator("html[data-fit][data-theme=dark]").wait_for()
        press(frame)
        # All of it is seen at once: nothing has to be scrolled.
        inner = frame.locator("html")
        assert inner.evaluate("e => e.scrollHeight <= e.clientHeight")
        box = frame.locator("canvas").bounding_box()
        assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.01)
        assert box["height"] > 400
        # Keys go on and back from within it, also when its own button has the focus.
        page.keyboard.press("PageDown")
        page.wait_for_function(f"{at} === 4")
        assert page.locator(".slides iframe").count() == 0
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(f"{at} === 3")
        press(frame)
        page.keyboard.press("o")
        assert_no_errors(console_errors)


def test_pages_that_are_missing_old_or_for_paper(lecture, media_with_page, tmp_path):
    with pytest.raises(UsageError, match="only html decks"):
        slides.build_deck(lecture, TINY, media_with_page, "pdf", explorers=True)
    media = tmp_path / "media"
    shutil.copytree(media_with_page, media, ignore=shutil.ignore_patterns("gallery"))
    page = media / "explorers" / "First.html"
    os.utime(page, (0, 0))
    (note,) = gallery.build_gallery(media).notes
    assert "older than their films: First." in note
    page.unlink()
    with pytest.raises(UsageError, match="has a recorded page") as caught:
        slides.build_deck(lecture, TINY, media, "html", explorers=True)
    assert "explore First" in caught.value.hint
