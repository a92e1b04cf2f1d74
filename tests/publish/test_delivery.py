"""Film, deck, gallery and player over a slow line, in a real browser: no stall, no error."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from gradreel.errors import SetupError
from gradreel.lecture_settings import LectureSettings
from gradreel.publish import reveal_assets
from gradreel.publish.embed import Player, inline_player, write_player
from gradreel.publish.film import build_film
from gradreel.publish.gallery import build_gallery
from gradreel.publish.lecture_file import lecture_of_scenes
from gradreel.publish.rendered_scenes import job_for_part, render_scenes
from gradreel.publish.slides import build_deck
from tests.publish.browser import (
    assert_accessible,
    assert_no_errors,
    browser,
    firefox,
    page_of,
)
from tests.publish.throttled_server import throttled_server

pytestmark = pytest.mark.slow
Browser = Callable[[], AbstractContextManager[Any]]
SOURCE = """from manim import LEFT, RIGHT, Dot, Scene, VGroup

class Talks(Scene):
    def construct(self):
        self.add_sound("tone.wav")
        dots = VGroup(*(Dot() for _ in range(40))).arrange_in_grid(5)
        for name, side in (("there", RIGHT), ("back", LEFT), ("there again", RIGHT)):
            self.next_section(name)
            self.add_subcaption(f"They go {name}.", duration=0.9)
            self.play(dots.animate.shift(2 * side).rotate(1), run_time=1)
"""
SECONDS = 3
SLOW_LINE = 400_000  # bytes per second: 3.2 Mbit/s
SETTINGS = LectureSettings(640, 360, 15, captions=False)
RECORD_STALLS = """() => { window.stalls = []; window.addEventListener("waiting", (event) => {
    if (event.target.currentTime > 0.1) stalls.push(event.target.currentTime);
}, true); }"""
NO_ICON = '<link rel="icon" href="data:,">'
FILM_PAGE = '<video controls src="film.mp4" style="width: 640px"></video>'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one scene as film, deck, gallery and player."""
    root = tmp_path_factory.mktemp("site")
    (root / "talks.py").write_text(SOURCE)
    with wave.open(str(root / "tone.wav"), "wb") as tone:
        tone.setparams((1, 2, 44100, 0, "NONE", ""))
        tone.writeframes(b"\x00\x20\x00\xe0" * 22050 * 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        lecture = lecture_of_scenes(("talks.py:Talks",))
        (scene,) = render_scenes([job_for_part(lecture.parts[0], SETTINGS, root)])
        film = build_film(lecture, SETTINGS, root)
        shutil.copy(film.video, root / "film.mp4")
        (root / "film.html").write_text(NO_ICON + FILM_PAGE)
        try:
            build_deck(lecture, SETTINGS, root, "html", target=root / "deck", one_file=False)
        except SetupError:
            reveal_assets.require_assets()
        build_gallery(root)
        player = write_player(scene, root)
        (player.folder / "course.html").write_text(NO_ICON + player.snippet.read_text())
        (root / "cell.html").write_text(inline_player(scene))
    return root


def player_of(site: Path) -> Player:
    return Player(site / "embed" / SETTINGS.name / "Talks")


def play_to_the_end(page: Any, video: str) -> None:
    """Play the video that an expression gives, and fail if it stalls on the way."""
    page.evaluate(RECORD_STALLS)
    page.evaluate(f"() => {{ const v = {video}; v.muted = true; v.currentTime = 0; v.play(); }}")
    page.wait_for_function(f"() => {{ const v = {video}; return v.ended || v.error; }}")
    assert page.evaluate(f"() => ({video}).error?.message ?? null") is None
    assert page.evaluate("stalls") == []


@pytest.mark.parametrize("open_browser", [browser, firefox])
def test_nothing_stalls_on_a_slow_line(site: Path, open_browser: Browser) -> None:
    player = player_of(site).folder.relative_to(site)
    twice_the_film = 2 * (site / "film.mp4").stat().st_size / SECONDS
    pages = {
        "film.html": ("document.querySelector('video')", twice_the_film),
        "gallery/index.html": ("document.querySelector('dialog video')", SLOW_LINE),
        f"{player}/course.html": ("document.querySelector('gradreel-player video')", SLOW_LINE),
    }
    with open_browser() as running:
        for name, (video, rate) in pages.items():
            with (
                throttled_server(site, rate) as (address, requests),
                page_of(running, f"{address}/{name}") as (page, console_errors),
            ):
                if name.startswith("gallery"):
                    page.locator(".card").click()
                    assert_accessible(page)
                page.wait_for_function(f"() => ({video})?.readyState >= 3")
                play_to_the_end(page, video)
                assert sum(path.endswith(".mp4") for path in requests) <= 3
                assert_no_errors(console_errors)
        with (
            throttled_server(site, SLOW_LINE) as (address, _),
            page_of(running, f"{address}/deck/index.html") as (page, console_errors),
        ):
            page.wait_for_function("() => window.Reveal?.isReady()")
            page.evaluate(RECORD_STALLS)
            assert_accessible(page)
            for _beat in range(3):
                page.wait_for_function("() => currentVideo()?.ended")
                page.keyboard.press("Space")
            assert page.evaluate("stalls") == []
            assert_no_errors(console_errors)


def test_a_player_has_captions_below_and_a_button_for_each_beat(site: Path) -> None:
    with browser() as chromium:
        for file in (player_of(site).page, site / "cell.html"):
            with page_of(chromium, file) as (page, console_errors):
                buttons = page.locator("gradreel-player li button")
                assert buttons.all_inner_texts() == ["there", "back", "there again"]
                caption = page.locator("gradreel-player .caption")
                buttons.nth(1).click()
                page.wait_for_function("() => document.querySelector('video').currentTime > 1.1")
                assert caption.inner_text() == "They go back."
                assert buttons.nth(1).get_attribute("aria-current") == "true"
                page.locator("gradreel-player input").fill("2.5")
                page.wait_for_function("() => document.querySelector('video').currentTime == 2.5")
                assert caption.inner_text() == "They go there again."
                assert page.locator("track").get_attribute("kind") == "captions"
                assert_no_errors(console_errors)
                if file.name == "index.html":
                    assert_accessible(page)
