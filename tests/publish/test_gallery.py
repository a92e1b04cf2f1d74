"""The gallery in a real browser, from disk and without a network."""

from __future__ import annotations

import pytest

from gradreel.errors import RenderError
from gradreel.publish import gallery
from gradreel.publish.shots import job_of, rendered
from tests.publish.browser import browser, clean, page_of
from tests.publish.conftest import TINY


def test_nothing_rendered_yet(tmp_path):
    with pytest.raises(RenderError, match="nothing is rendered"):
        gallery.make(tmp_path)


@pytest.mark.slow
def test_search_play_scrub_and_values(lecture, tmp_path):
    media = tmp_path / "media"  # other tests put more into the shared one
    rendered([job_of(part, TINY, media) for part in lecture.parts])
    made = gallery.make(media, {"Second": "Later", "First": "Sooner"})
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
        page.locator(".scrub input").fill("0.7")
        page.wait_for_function(
            "Math.abs(document.querySelector('dialog video').currentTime - 0.7) < 0.01"
        )
        assert page.inner_text("output") == "f'(x) = 2.50"
        page.locator(".scrub input").fill("0.4")
        assert page.inner_text("output") == "f'(x) = -4.00"
        page.keyboard.press("Escape")
        page.fill("input[type=search]", "nowhere")
        assert page.locator(".card").count() == 0
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert clean(complaints)


@pytest.mark.slow
def test_a_missing_video_is_left_out_and_said(lecture, tmp_path):
    own = tmp_path / "media"
    shots = rendered([job_of(part, TINY, own) for part in lecture.parts])
    shots[0].video.unlink()
    made = gallery.make(own)
    assert made.videos == 1
    assert "First.mp4" in made.notes[0]
