"""The gallery in a real browser, from disk and without a network."""

from __future__ import annotations

import pytest

from gradreel.errors import RenderError
from gradreel.publish import gallery
from gradreel.publish.rendered_scenes import job_of, rendered
from tests.publish.browser import browser, clean, page_of
from tests.publish.conftest import TINY


def test_nothing_rendered_yet(tmp_path):
    with pytest.raises(RenderError, match="nothing is rendered"):
        gallery.build_gallery(tmp_path)


@pytest.fixture(scope="module")
def made(lecture, tmp_path_factory):
    media = tmp_path_factory.mktemp("media")  # other tests put more into the shared one
    rendered([job_of(part, TINY, media) for part in lecture.parts])
    return gallery.build_gallery(media, {"Second": "Later", "First": "Sooner"})


def shown_at(page, moment: float) -> bool:
    """Wait until the scene's video stands at `moment`."""
    there = "at => Math.abs(document.querySelector('dialog video').currentTime - at) < 0.02"
    page.wait_for_function(there, arg=moment)
    return True


@pytest.mark.slow
def test_search_play_scrub_and_values(made):
    assert made.videos == 2
    with browser() as chromium, page_of(chromium, made.path) as (page, complaints):
        claims = page.locator(".card b").all_inner_texts()
        assert claims == ["Second is a square", "First is a square"]
        page.fill("input[type=search]", "first begins")
        assert page.locator(".card b").all_inner_texts() == ["First is a square"]
        page.locator(".card").hover()
        page.wait_for_function("document.querySelector('.card video')?.currentTime > 0.05")
        page.locator(".card").click()
        cells = page.locator("tbody td.number").all_inner_texts()
        assert cells == ["0", "1", "2"]
        number = page.locator("output span").last
        page.locator(".scrub input").fill("0.7")
        assert shown_at(page, 0.7)
        assert number.inner_text() == "f'(x) = 2.50"
        page.locator(".scrub input").fill("0.4")
        assert number.inner_text() == "f'(x) = −4.00"
        page.keyboard.press("Escape")
        page.fill("input[type=search]", "nowhere")
        assert page.locator(".card").count() == 0
        assert clean(complaints)


@pytest.mark.slow
def test_all_of_it_by_keyboard(made):
    focused = "document.activeElement.dataset.id ?? document.activeElement.id"
    with browser() as chromium, page_of(chromium, made.path) as (page, complaints):
        page.keyboard.press("/")
        page.keyboard.type("square")
        assert page.input_value("input[type=search]") == "square"
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert page.evaluate(focused) == f"{TINY.name}/First"
        page.keyboard.press("Enter")
        assert page.locator("dialog[open] h3").inner_text() == "First is a square"
        page.keyboard.press("n")
        assert shown_at(page, 0.501)
        page.keyboard.press("ArrowRight")
        assert shown_at(page, 1.501)
        page.keyboard.press("p")
        assert shown_at(page, 0.501)
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('dialog video').currentTime > 0.6")
        assert page.inner_text("#play") == "Pause"
        page.keyboard.press("c")
        cues = "[...document.querySelector('dialog video').textTracks[0].activeCues ?? []]"
        page.wait_for_function(f"{cues}.some(cue => cue.text == 'On and on.')")
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert page.evaluate(focused) == f"{TINY.name}/First"
        assert clean(complaints)


@pytest.mark.slow
def test_a_phone_has_room_for_everything(made):
    size = {"width": 390, "height": 800}
    with browser() as chromium, page_of(chromium, made.path, **size) as (page, complaints):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator(".card").first.click()
        fits = "d => d.scrollWidth <= d.clientWidth && d.clientWidth <= innerWidth"
        assert page.locator("dialog").evaluate(fits)
        assert page.locator(".scrub input").bounding_box()["width"] > 300
        picture = page.locator("dialog video").bounding_box()
        assert picture["width"] > 340
        # Nothing of the page's own lies on the picture, where the captions are.
        assert page.locator("#play").bounding_box()["y"] >= picture["y"] + picture["height"]
        assert clean(complaints)


@pytest.mark.slow
def test_a_missing_video_is_left_out_and_said(lecture, tmp_path):
    own = tmp_path / "media"
    shots = rendered([job_of(part, TINY, own) for part in lecture.parts])
    shots[0].video.unlink()
    made = gallery.build_gallery(own)
    assert made.videos == 1
    assert "First.mp4" in made.notes[0]
