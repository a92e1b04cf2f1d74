"""Film, deck, gallery and player over a slow line, in a real browser: no stall, no error."""

from __future__ import annotations

import random
import shutil
import wave
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
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
        dots = VGroup(*(Dot() for _ in range(90))).arrange_in_grid(9)
        for name, side in (("there", RIGHT), ("back", LEFT), ("there again", RIGHT)):
            self.next_section(name)
            self.add_subcaption(f"They go {name}.", duration=0.9)
            self.play(dots.animate.shift(2 * side).rotate(1), run_time=1)
"""
SECONDS = 3
SLOW_LINE = 400_000  # bytes per second: 3.2 Mbit/s
SETTINGS = LectureSettings(640, 360, 15, captions=False)
# Waits of half a second and more, from which playback goes on: Firefox also says that it waits at
# the end, where sound is longer than the pictures, and for frames that are not decoded in time.
RECORD_STALLS = """() => {
    window.stalls = [];
    window.addEventListener("waiting", ({ target }) => {
        if (target.currentTime > 0.1) target.waitsSince ??= performance.now();
    }, true);
    window.addEventListener("playing", ({ target }) => {
        const waited = performance.now() - (target.waitsSince ?? Infinity);
        if (waited >= 500) stalls.push([target.currentTime, Math.round(waited)]);
        target.waitsSince = null;
    }, true);
}"""
TRIES = 3  # a slow line stops a player each time, a busy machine now and then
PAUSED_AFTER = """(seconds) => {
    const video = document.querySelector("video");
    if (video.currentTime > seconds) video.pause();
    return video.paused && video.currentTime > seconds;
}"""
NO_ICON = '<link rel="icon" href="data:,">'
FILM_PAGE = '<video controls src="film.mp4" style="width: 640px"></video>'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one scene as film, deck, gallery and player."""
    root = tmp_path_factory.mktemp("site")
    (root / "talks.py").write_text(SOURCE)
    with wave.open(str(root / "tone.wav"), "wb") as tone:
        tone.setparams((1, 2, 44100, 0, "NONE", ""))
        tone.writeframes(random.Random(0).randbytes(44100 * 2 * 4))  # noise: 128 kbit/s as AAC
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


def play_to_the_end(page: Any, video: str) -> list[list[float]]:
    """Play the video that an expression gives; at which seconds it stalls, and for how long."""
    page.evaluate(RECORD_STALLS)
    page.evaluate(f"() => {{ const v = {video}; v.muted = true; v.currentTime = 0; v.play(); }}")
    page.wait_for_function(f"() => {{ const v = {video}; return v.ended || v.error; }}")
    assert page.evaluate(f"() => ({video}).error?.message ?? null") is None
    return page.evaluate("stalls")


def play_page(running: Any, site: Path, name: str, video: str, rate: float) -> list[list[float]]:
    """Open a page over a line of `rate` bytes per second, and play its video: its stalls."""
    with (
        throttled_server(site, rate) as (address, requests),
        page_of(running, f"{address}/{name}") as (page, console_errors),
    ):
        if name.startswith("gallery"):
            page.locator(".card").click()
            assert_accessible(page)
        page.wait_for_function(f"() => ({video})?.readyState >= 3")
        stalls = play_to_the_end(page, video)
        assert sum(path.endswith(".mp4") for path in requests) <= 3
        assert_no_errors(console_errors)
        return stalls


def play_deck(running: Any, site: Path) -> list[list[float]]:
    """Open the deck over a slow line, and go through its beats: the stalls."""
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
        assert_no_errors(console_errors)
        return page.evaluate("stalls")


def bytes_per_second(film: Path) -> float:
    return film.stat().st_size / SECONDS


@pytest.mark.parametrize("open_browser", [browser, firefox])
def test_nothing_stalls_on_a_slow_line(site: Path, open_browser: Browser) -> None:
    player = player_of(site).folder.relative_to(site)
    pages = {
        "film.html": ("document.querySelector('video')", 2 * bytes_per_second(site / "film.mp4")),
        "gallery/index.html": ("document.querySelector('dialog video')", SLOW_LINE),
        f"{player}/course.html": ("document.querySelector('gradreel-player video')", SLOW_LINE),
    }
    with open_browser() as running:
        plays = [partial(play_page, running, site, name, *at) for name, at in pages.items()]
        for play in (*plays, partial(play_deck, running, site)):
            stalls = [play()]
            while stalls[-1] and len(stalls) < TRIES:
                stalls.append(play())
            assert stalls[-1] == [], (play.args[2:], stalls)


@pytest.mark.parametrize("open_browser", [browser, firefox])
def test_a_line_that_is_too_slow_is_noticed(site: Path, open_browser: Browser) -> None:
    rate = bytes_per_second(site / "film.mp4") / 4
    with open_browser() as running:
        assert play_page(running, site, "film.html", "document.querySelector('video')", rate)


def test_a_player_has_captions_below_and_a_button_for_each_beat(site: Path) -> None:
    with browser() as chromium:
        for file in (player_of(site).page, site / "cell.html"):
            with page_of(chromium, file) as (page, console_errors):
                buttons = page.locator("gradreel-player li button")
                assert buttons.all_inner_texts() == ["there", "back", "there again"]
                caption = page.locator("gradreel-player .caption")
                buttons.nth(1).click()
                page.wait_for_function(PAUSED_AFTER, arg=1.1)
                assert caption.inner_text() == "They go back."
                assert buttons.nth(1).get_attribute("aria-current") == "true"
                page.locator("gradreel-player input").fill("2.5")
                page.wait_for_function("() => document.querySelector('video').currentTime == 2.5")
                assert caption.inner_text() == "They go there again."
                assert page.locator("track").get_attribute("kind") == "captions"
                assert_no_errors(console_errors)
                if file.name == "index.html":
                    assert_accessible(page)
