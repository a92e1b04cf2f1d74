"""Pages of recorded states: what is packed, how large they are, and that they show the stills."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deltarender.batch import dry_run
from deltarender.benchmark.ssim import ssim
from deltarender.jobs import Job, SceneRef
from gradreel.catalog import find_entries
from gradreel.errors import UsageError
from gradreel.explore.drawing import Item
from gradreel.explore.export_page import export_page, pack, record_page
from gradreel.explore.state_grid import Axis, StateGrid, record_states
from gradreel.lecture_settings import LectureSettings
from tests.explore.recorded_page import unpack_outline
from tests.publish.browser import assert_no_errors, page_of

EXPLORERS = Path(__file__).parents[2] / "docs" / "explorers"
# Two triangles of one shape, a curve, and a move that draws nothing.
SHAPE = [0, 0, 0, 1, 16, 0, 1, 16, 16, 3, 0, 40, 8, 1, 56, 8, 1, 56, 24, 3]
SHAPE += [0, 5, 5, 2, 6, 5, 8, 9, 3, 7, 1, 4, 4]
OUTLINE = np.array([*SHAPE, 0, 9, 9], np.int32).tobytes()


def state(x: int, color: tuple[int, ...]) -> dict:
    item = Item(OUTLINE, x, 0, color, (((), 0.0), ((), 0.0)), "miter", "butt")
    still = Item(OUTLINE, 0, 0, color, (((), 0.0), ((), 0.0)), "miter", "butt")
    number = {"text": f"{x}", "value": float(x), "source": "input", "box": [0, 0, 1, 1]}
    return {"items": [still, item], "numbers": [number], "caption": ""}


def grid_of(color: tuple[int, ...]) -> StateGrid:
    states = [state(x, color) for x in range(1, 4)]
    axes = (Axis("x", ("1", "2", "3"), 0),)
    return StateGrid((64, 36), axes, states, {}, "A <claim>", (), [0, 1, 2], [[], [], []])


def unpack_state(document: dict, state: int) -> list[tuple]:
    """The items of a state as (outline numbers, x, y, dark paint, light paint)."""
    rows = (document["items"][number] for number in document["states"][state])
    return [
        (
            unpack_outline(document, outline), x, y,
            document["paints"][dark], document["paints"][light],
        )
        for outline, x, y, dark, light in rows
    ]  # fmt: skip


def test_what_repeats_is_stored_once_and_every_state_can_be_read_back() -> None:
    dark, light = grid_of((1, 2, 3, 255)), grid_of((4, 5, 6, 255))
    document = pack(dark, light.states)
    assert len(document["outlines"]) == 1
    assert len(document["contours"]) == 2
    assert len(document["paints"]) == 2
    assert len(document["items"]) == 4  # the still one, and one for each position
    for k in range(3):
        for row, item in zip(unpack_state(document, k), dark.states[k]["items"], strict=True):
            outline, x, y, in_dark, in_light = row
            assert outline == SHAPE
            assert (x, y, in_dark[0], in_light[0]) == (item.x, 0, (1, 2, 3, 255), (4, 5, 6, 255))
    assert [document["numbers"][k[0]][1] for k in document["shown"]] == ["1.0", "2.0", "3.0"]
    page = export_page(dark, light.states, "A <claim>")
    assert "<title>A &lt;claim&gt;</title>" in page
    assert "http" not in page.partition("data:,")[2].partition("<script")[0]


def job_of(name: str, media: Path, theme: str = "dark") -> Job:
    (entry,) = find_entries(name)
    ref = SceneRef(Path(entry.file), entry.cls, name)
    return Job(ref, LectureSettings.of("m", theme=theme), media_dir=media)


@pytest.mark.slow
def test_a_page_of_beats_shows_the_stills_and_is_moved_by_keys(chromium, tmp_path) -> None:
    name, target = "HowSmallIsSmall", tmp_path / "page.html"
    target.write_text(record_page(job_of(name, tmp_path)).html)
    (run,) = dry_run([job_of(name, tmp_path, "light")], stills=True, workers=1)
    with page_of(chromium, target, height=800) as (page, errors):
        page.evaluate("postMessage({theme: 'light'}, '*')")
        page.evaluate("document.querySelector('canvas').style.width = '1280px'")
        page.evaluate("dispatchEvent(new Event('resize'))")
        page.focus("#axis0")
        page.keyboard.press("Home")
        for k, still in enumerate(run.stills):
            page.wait_for_selector(f"canvas[data-state='{k}']")
            assert ssim(luma(png_of(page)), luma(still.read_bytes())) > 0.99, k
            page.keyboard.press("ArrowRight")
        assert len(run.stills) == 6
        assert page.get_attribute("#axis0", "aria-valuetext").startswith("beat = ")
        assert "by autograd" in page.text_content("details tbody")
        assert_no_errors(errors)


@pytest.mark.slow
def test_a_page_has_the_states_of_presses(chromium) -> None:
    with page_of(chromium, EXPLORERS / "AccumulationTrap.html", height=900) as (page, errors):

        def press(button: int) -> None:
            page.click(f"[data-press='{button}']")
            page.evaluate("new Promise(requestAnimationFrame)")

        def grad() -> list[str]:
            return page.locator("tbody tr td:nth-child(2)").all_inner_texts()

        page.click("summary")
        press(0), press(1)
        assert "33.0" in grad()
        press(0)
        assert "39.0" in grad()
        page.keyboard.press("Tab")  # to the other loss, by the keyboard
        page.keyboard.press("Enter")
        page.evaluate("new Promise(requestAnimationFrame)")
        assert "66.0" in grad()
        press(2)
        assert grad() == ["6.0", "27.0"]  # only what stands beside the losses
        page.click("#undo")
        page.evaluate("new Promise(requestAnimationFrame)")
        assert "66.0" in grad()
        press(0), press(1)
        assert page.is_disabled("[data-press='0']")  # more is not recorded
        # Where a number comes from, on focus.
        page.focus("tbody tr:last-child")
        assert "since .grad was emptied" in page.inner_text(".tip")
        assert_no_errors(errors)


def png_of(page) -> bytes:
    import base64

    page.evaluate("new Promise(requestAnimationFrame)")
    url = page.evaluate("document.querySelector('canvas').toDataURL()")
    return base64.b64decode(url.partition(",")[2])


def luma(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=np.float64)


@pytest.mark.slow
def test_a_picture_of_pixels_is_refused_and_says_where_it_can_be_touched(tmp_path) -> None:
    file = tmp_path / "pixels.py"
    file.write_text(
        "import numpy as np\nfrom manim import ImageMobject, Scene\n\n\nclass Pixels(Scene):\n"
        "    def construct(self):\n"
        "        self.add(ImageMobject(np.zeros((4, 4, 3), np.uint8)))\n"
    )
    job = Job(SceneRef(file, "Pixels", "Pixels"), LectureSettings.of("l"), media_dir=tmp_path)
    with pytest.raises(UsageError, match="cannot be recorded as outlines"):
        record_states(job, lambda *_: None)
