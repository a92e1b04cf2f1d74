"""The gallery page in a browser, opened from disk and without a network."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from gradreel.errors import RenderError
from gradreel.publish import gallery
from gradreel.publish.rendered_scenes import job_for_part, render_scenes
from tests.publish.browser import assert_no_errors, page_of
from tests.publish.conftest import TINY


def test_an_empty_media_folder_is_refused(tmp_path):
    with pytest.raises(RenderError, match="nothing is rendered"):
        gallery.build_gallery(tmp_path)


@pytest.fixture(scope="module")
def small_gallery(lecture, tmp_path_factory):
    media = tmp_path_factory.mktemp("media")  # other tests render more into the shared folder
    render_scenes([job_for_part(part, TINY, media) for part in lecture.parts])
    return gallery.build_gallery(media, {"Second": "Later", "First": "Sooner"})


def test_the_page_has_the_language_of_its_videos(small_gallery, tmp_path):
    media = tmp_path / "media"
    shutil.copytree(small_gallery.path.parents[1] / "videos", media / "videos")
    assert '<html lang="en">' in gallery.build_gallery(media).path.read_text()
    for manifest in (media / "videos").rglob("*.json"):
        row = json.loads(manifest.read_text())
        manifest.write_text(json.dumps({**row, "language": 'de-"at'}))
    page = gallery.build_gallery(media).path.read_text()
    assert '<html lang="de-&quot;at">' in page
    assert page.count('"language": "de-\\"at"') == 2


HOSTILE = "<!-- <script> </script> at −4"


@pytest.mark.slow
def test_captions_that_look_like_html_and_minus_signs_that_are_typed(
    chromium, small_gallery, tmp_path
):
    media = tmp_path / "media"
    drawn = replace(TINY, captions=True).name  # the folder of videos with captions in the picture
    shutil.copytree(small_gallery.path.parents[1] / "videos" / TINY.name, media / "videos" / drawn)
    for manifest in (media / "videos").rglob("First.json"):
        row = json.loads(manifest.read_text())
        row["beats"][0]["say"] = HOSTILE
        manifest.write_text(json.dumps(row))
    built = gallery.build_gallery(media, {"Unknown": "Chapter"}, "A lecture")
    with page_of(chromium, built.path) as (page, console_errors):
        assert page.title() == "Gallery"  # no scene of that lecture is on the page
        page.fill("input[type=search]", "at -4")
        assert page.locator(".card b").all_inner_texts() == ["First is a square"]
        page.locator(".card").click()
        page.keyboard.press("c")  # the captions are drawn: there is nothing to add
        track = "document.querySelector('dialog video').textTracks[0]"
        assert page.evaluate(f"{track}.mode") == "hidden"
        assert_no_errors(console_errors)


def wait_for_time(page, seconds: float) -> None:
    """Wait until the video of the open scene is at `seconds`."""
    is_there = "at => Math.abs(document.querySelector('dialog video').currentTime - at) < 0.02"
    page.wait_for_function(is_there, arg=seconds)


@pytest.mark.slow
def test_search_play_scrub_and_values(chromium, small_gallery):
    assert small_gallery.videos == 2
    with page_of(chromium, small_gallery.path) as (page, console_errors):
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
        wait_for_time(page, 0.7)
        assert number.inner_text() == "f'(x) = 2.50"
        page.locator(".scrub input").fill("0.4")
        assert number.inner_text() == "f'(x) = −4.00"
        page.keyboard.press("Escape")
        page.fill("input[type=search]", "nowhere")
        assert page.locator(".card").count() == 0
        assert_no_errors(console_errors)


@pytest.mark.slow
def test_the_page_works_by_keyboard(chromium, small_gallery):
    focused = "document.activeElement.dataset.id ?? document.activeElement.id"
    with page_of(chromium, small_gallery.path) as (page, console_errors):
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
        wait_for_time(page, 0.501)
        page.keyboard.press("ArrowRight")
        wait_for_time(page, 1.501)
        page.keyboard.press("p")
        wait_for_time(page, 0.501)
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('dialog video').currentTime > 0.6")
        assert page.inner_text("#play") == "Pause"
        page.keyboard.press("c")
        cues = "[...document.querySelector('dialog video').textTracks[0].activeCues ?? []]"
        page.wait_for_function(f"{cues}.some(cue => cue.text == 'On and on.')")
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert page.evaluate(focused) == f"{TINY.name}/First"
        assert_no_errors(console_errors)


@pytest.mark.slow
def test_the_page_fits_a_phone(chromium, small_gallery):
    size = {"width": 390, "height": 800}
    with page_of(chromium, small_gallery.path, **size) as (page, console_errors):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator(".card").first.click()
        fits = "d => d.scrollWidth <= d.clientWidth && d.clientWidth <= innerWidth"
        assert page.locator("dialog").evaluate(fits)
        assert page.locator(".scrub input").bounding_box()["width"] > 300
        picture = page.locator("dialog video").bounding_box()
        assert picture["width"] > 340
        # The controls are below the picture, so that they do not cover the captions.
        assert page.locator("#play").bounding_box()["y"] >= picture["y"] + picture["height"]
        assert_no_errors(console_errors)


@pytest.mark.slow
def test_a_missing_video_is_left_out_with_a_note(lecture, tmp_path):
    media = tmp_path / "media"
    scenes = render_scenes([job_for_part(part, TINY, media) for part in lecture.parts])
    scenes[0].video.unlink()
    built = gallery.build_gallery(media)
    assert built.videos == 1
    assert "First.mp4" in built.notes[0]
