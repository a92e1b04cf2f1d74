"""The studio in a real Chromium: drag, type, break and mend a file, play, close the tab."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.publish.browser import firefox

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
OWN = '''"""A square of the user's own."""
from manim import RIGHT, Create, Scene, Square


class Own(Scene):
    def construct(self):
        square = Square()
        self.play(Create(square))
        self.play(square.animate.shift(RIGHT * {shift}))
'''


class StudioPage:
    """A page of a running studio."""

    def __init__(self, page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def drawn(self) -> int:
        return int(self.page.evaluate("document.getElementById('picture').dataset.drawn || 0"))

    def pixels(self) -> str:
        return self.page.evaluate("document.getElementById('picture').toDataURL()")

    def wait(self, condition, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.page.inner_text("body")
            time.sleep(0.02)

    def slider(self) -> float:
        """The text beside the slider, as a number."""
        return float(self.page.inner_text("#drag-x_tracker-text").replace("−", "-"))

    def first_number(self) -> float:
        """The first number in the list of those on screen."""
        cell = self.page.inner_text("#numbers tr:first-child td:first-child")
        return float(cell.replace("−", "-"))

    def wait_until_ready(self, steps: int) -> None:
        self.wait(lambda: self.page.locator("#beats button").count() == steps)
        self.wait(lambda: not self.page.locator(".stage.waiting").count())


@pytest.fixture(scope="module")
def own_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "own.py"
    path.write_text(OWN.format(shift=2))
    return path


@pytest.fixture(scope="module")
def studio(own_file):
    """The process of the command, and the address that it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    media = own_file.parent / "media"
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "render.py"), "studio", "TangentLine", str(own_file),
         "--no-open", "--media-dir", str(media)],
        stderr=subprocess.PIPE, text=True, env=environment, cwd=own_file.parent,
    )  # fmt: skip
    assert process.stderr is not None
    address = re.search(r"http://\S+", process.stderr.readline())
    assert address
    yield process, address[0]
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    process.send_signal(signal.SIGINT)
    assert process.wait(20) in (0, 130)
    process.stderr.close()
    _, alive = psutil.wait_procs(family, 30)
    assert alive == []


@pytest.fixture(scope="module")
def context(chromium):
    context = chromium.new_context(viewport={"width": 1500, "height": 850}, has_touch=True)
    yield context
    context.close()


@pytest.fixture(scope="module")
def first_tab(studio, context):
    """A tab that several tests use, one after the other."""
    page = StudioPage(context.new_page())
    page.page.goto(studio[1])
    return page


@pytest.fixture
def tab(first_tab):
    yield first_tab
    assert first_tab.errors == []


def test_a_scene_is_dragged_and_its_parameters_are_changed(tab):
    page = tab.page
    tab.wait_until_ready(steps=9)
    assert page.inner_text("#claim") == "The slope says which way is down"
    # With the keyboard, on the slider.
    at_rest, count = tab.pixels(), tab.drawn()
    page.focus("[data-drag=x_tracker]")
    page.keyboard.press("ArrowLeft")
    tab.wait(lambda: tab.drawn() > count)
    assert tab.pixels() != at_rest
    assert page.get_attribute("[data-drag=x_tracker]", "aria-valuetext") == "x = 6.92"
    assert page.inner_text("#caption") == ""  # it spoke of the state before
    # With the mouse, on the picture: the newest of many positions wins.
    box = page.locator("#picture").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4, steps=30)
    page.mouse.up()
    tab.wait(lambda: tab.first_number() == pytest.approx(tab.slider(), abs=0.006))
    # With a finger.
    before = tab.slider()
    page.touchscreen.tap(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.4)
    tab.wait(lambda: tab.slider() > before + 0.5)
    tab.wait(lambda: tab.first_number() == pytest.approx(tab.slider(), abs=0.006))
    # A number says where it comes from, on focus.
    page.focus("#numbers tr:first-child")
    assert "input" in page.inner_text(".tip")
    # A formula that is wrong: a message beside the field, and the picture stays.
    before = tab.pixels()
    page.fill("#param-function", "x*sin(x")
    page.wait_for_selector("[data-error=function]:visible", timeout=60_000)
    assert "cannot be read" in page.inner_text("[data-error=function]")
    assert tab.pixels() == before
    page.fill("#param-function", "x*sin(x)")
    tab.wait(lambda: tab.pixels() != before and page.locator("#beats button").count() == 11)
    assert not page.locator("[data-error=function]:visible").count()


def test_many_quick_changes_end_in_the_last_one(tab, studio):
    page = tab.page
    page.evaluate("""() => {
        const field = document.getElementById("param-stop");
        for (let k = 1; k <= 200; k++) {
            field.value = k === 200 ? "6.5" : String(4 + k / 100);
            field.dispatchEvent(new Event("input"));
        }
    }""")
    tab.wait(lambda: page.locator("#beats button >> text=the slope at 6.5").count() == 1)
    tab.wait(lambda: "6.50" in page.inner_text("#numbers"))
    tab.wait_until_ready(steps=11)
    # The fork server and its resource tracker, the scene's template and player, and a process for
    # each beat: nothing is left of the 199 others.
    tab.wait(lambda: len(psutil.Process(studio[0].pid).children(recursive=True)) == 4 + 11)


def test_two_tabs_do_not_disturb_each_other(tab, studio, context):
    shown = tab.pixels()
    other = StudioPage(context.new_page())
    other.page.goto(studio[1])
    other.page.click("[data-name=AccumulationTrap]")
    other.wait(lambda: other.page.locator("[data-press]").count() == 3)
    other.wait(lambda: not other.page.locator(".stage.waiting").count())
    for press, sum_now in (("loss_1", "6"), ("loss_2", "33"), ("loss_2", "60"), ("zero", "")):
        count = other.drawn()
        other.page.click(f"[data-press^={press}]")
        other.wait(lambda count=count: other.drawn() > count)
        numbers = other.page.inner_text("#numbers")
        after = re.search(r"(\d+)\s+x.grad after", numbers)
        assert (after[1] if after else "") == sum_now, numbers
    assert other.page.locator("#pressed li").count() == 4
    # A still of this moment, which is no beat of the film.
    other.page.click("[data-still=png]")
    other.wait(lambda: "your-turn-pressed-4.png" in other.page.inner_text("#made"))
    assert tab.pixels() == shown
    assert other.errors == []
    other.page.close()


def test_firefox_drags_by_mouse_and_keys_and_takes_formulas(tab, studio):
    shown = tab.pixels()
    with firefox() as running:
        other = StudioPage(running.new_page(viewport={"width": 1500, "height": 850}))
        page = other.page
        page.goto(studio[1])
        other.wait_until_ready(steps=9)
        count = other.drawn()
        page.focus("[data-drag=x_tracker]")
        page.keyboard.press("ArrowLeft")
        other.wait(lambda: other.drawn() > count)
        assert page.get_attribute("[data-drag=x_tracker]", "aria-valuetext") == "x = 6.92"
        box = page.locator("#picture").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4, steps=10)
        page.mouse.up()
        other.wait(lambda: other.first_number() == pytest.approx(other.slider(), abs=0.006))
        assert other.slider() < 3
        before = other.pixels()
        page.fill("#param-function", "x*sin(x")
        page.wait_for_selector("[data-error=function]:visible", timeout=60_000)
        assert "cannot be read" in page.inner_text("[data-error=function]")
        assert other.pixels() == before
        page.fill("#param-function", "x*sin(x)")
        other.wait(lambda: other.pixels() != before)
        # A recorded page, opened from disk.
        page.goto((ROOT / "docs/explorers/TangentLine.html").as_uri())
        page.wait_for_selector("canvas[data-state='160']")
        page.focus("#axis0")
        page.keyboard.press("Home")
        page.wait_for_selector("canvas[data-state='0']")
        assert page.get_attribute("#axis0", "aria-valuetext") == "x = −1"
        box = page.locator("canvas").bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
        page.wait_for_selector("canvas:not([data-state='0'])")
        assert other.errors == []
        page.close()
    assert tab.pixels() == shown  # the tab of the other browser goes on


def test_a_file_is_saved_broken_and_mended(tab, own_file):
    page = tab.page
    page.click("[data-name=Own]")
    tab.wait_until_ready(steps=2)
    first = tab.pixels()
    own_file.write_text(OWN.format(shift=-3))
    tab.wait(lambda: tab.pixels() != first)
    second = tab.pixels()
    own_file.write_text(OWN.format(shift="(3 / 0)"))
    page.wait_for_selector("#error:visible", timeout=60_000)
    assert "ZeroDivisionError" in page.inner_text("#error")
    assert "own.py:9" in page.inner_text("#error")
    assert tab.pixels() == second
    own_file.write_text(OWN.format(shift=2))
    tab.wait(lambda: tab.pixels() == first)
    assert not page.locator("#error:visible").count()
    own_file.unlink()
    page.wait_for_selector("#error:visible", timeout=60_000)
    assert "no such file" in page.inner_text("#error")
    own_file.write_text(OWN.format(shift=-3))
    tab.wait(lambda: tab.pixels() == second)


def test_the_film_is_rendered_and_played(tab):
    page = tab.page
    page.click("#play")
    page.wait_for_selector("#film:visible", timeout=90_000)
    tab.wait(lambda: page.evaluate("document.getElementById('film').currentTime") > 0.2)


def test_a_closed_tab_leaves_no_process(tab, studio):
    def descendants() -> int:
        found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True)
        rows = [line.split(None, 2) for line in found.stdout.splitlines()[1:]]
        family = {str(studio[0].pid)}
        while more := {pid for pid, parent, _ in rows if parent in family} - family:
            family |= more
        return len(family)

    open_count = descendants()
    tab.page.goto("about:blank")
    # The fork server and its resource tracker stay.
    tab.wait(lambda: descendants() <= min(open_count - 1, 3), 20)
