"""The pages of docs/explorers: every number in them by plain torch, their sizes, and their age."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deltarender.benchmark.ssim import ssim
from deltarender.jobs import Job, SceneRef
from deltarender.live.messages import DrawState
from gradreel.catalog import find_entries
from gradreel.explore.drawing import Item
from gradreel.explore.opened_scene import open_scene
from gradreel.explore.state_grid import HOOKS, plan_grid
from gradreel.lecture_settings import LectureSettings
from tests.explore.recorded_page import RecordedPage, RecordedState
from tests.publish.browser import assert_no_errors, page_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "explorers"
SCENES = ("TangentLine", "ChainRule", "BackwardFlow", "AccumulationTrap", "LossSurface")
STATES = {"TangentLine": 161, "ChainRule": 161, "BackwardFlow": 351, "AccumulationTrap": 69,
          "LossSurface": 450}  # fmt: skip


@pytest.fixture(scope="module")
def pages() -> dict[str, RecordedPage]:
    return {name: RecordedPage(FOLDER / f"{name}.html") for name in SCENES}


@pytest.fixture(scope="module")
def expected(pages) -> dict[str, list[tuple[RecordedState, dict[str, float]]]]:
    """For every state of every page, what torch gives in a process of its own."""
    states = [(name, state) for name in SCENES for state in pages[name].states()]
    asked = [{"scene": name, "at": read_at(name, s), "pressed": s.pressed} for name, s in states]
    oracle = [sys.executable, str(Path(__file__).with_name("torch_oracle.py"))]
    run = subprocess.run(
        oracle, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    result: dict[str, list] = {name: [] for name in SCENES}
    for (name, state), answer in zip(states, json.loads(run.stdout), strict=True):
        result[name].append((state, answer))
    return result


def read_at(name: str, state: RecordedState) -> dict[str, str]:
    """Where the numbers of a state belong: ChainRule has those of the x that is read."""
    if name != "ChainRule":
        return state.at
    return state.at | {"x": f"{float(state.at['x']):.3f}"}


def name_of(source: str) -> str:
    """A source as the oracle names it: without the point and the pass."""
    if found := re.fullmatch(
        r"(sent|x\.grad (before|after)).* (\d+) since .grad was emptied", source
    ):
        return f"{found[2] or 'sent'} {found[3]}"
    return re.split(r" at x = | \(local| in backward| after \d+ steps", source)[0]


@pytest.mark.parametrize("name", SCENES)
def test_every_number_of_every_state_is_that_of_torch(name, pages, expected) -> None:
    assert len(expected[name]) == STATES[name] == len(pages[name].document["states"])
    for state, values in expected[name]:
        for k, (text, value, source) in enumerate(pages[name].numbers(state.number)):
            key = name_of(source)
            if name == "AccumulationTrap" and k < 2:
                key = f"loss_{k + 1}"  # what stands beside the losses, whatever has been pressed
            if (name, text, source) == ("ChainRule", "0.001", "input"):
                key = "nudge"
            assert value == pytest.approx(values[key], rel=1e-12, abs=1e-12), (state, source)


def test_what_has_to_be_shown_is_shown(pages, expected) -> None:
    for name in ("TangentLine", "ChainRule", "LossSurface"):
        for state, values in expected[name]:
            shown = {name_of(source) for _, _, source in pages[name].numbers(state.number)}
            assert shown == values.keys() - {"nudge"}
    for state, values in expected["AccumulationTrap"]:
        shown = {name_of(source) for *_, source in pages["AccumulationTrap"].numbers(state.number)}
        sums = [key for key in values if key.startswith("after")]
        assert set(sums[-1:]) <= shown
    for state, values in expected["BackwardFlow"]:
        shown = {name_of(source) for *_, source in pages["BackwardFlow"].numbers(state.number)}
        if state.at["step"] == "12":  # the last; products are left out where there is no room
            unused = {"y"} if state.at["program"] == "one chain" else set()
            needed = {key for key in values if key.startswith("gradient") or len(key) == 1}
            assert needed - unused <= shown


def test_the_pages_have_the_script_of_today() -> None:
    template = (ROOT / "gradreel/explore/explorer.html").read_text("utf-8")
    script = template.partition("/*DATA*/")[2]
    for name in SCENES:
        page = (FOLDER / f"{name}.html").read_text("utf-8")
        assert page.endswith(script), f"docs/explorers/{name}.html: run `make explorers`."


def test_the_pages_are_light() -> None:
    sizes = {name: (FOLDER / f"{name}.html").stat().st_size for name in SCENES}
    assert sizes["TangentLine"] < 150_000
    assert max(sizes.values()) < 500_000
    assert sum(sizes.values()) < 1_000_000
    named = re.findall(r"\]\((\w+)\.html\)", (FOLDER / "README.md").read_text())
    assert sorted(named) == sorted(path.stem for path in FOLDER.glob("*.html")) == sorted(SCENES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "theme"), [*((n, "dark") for n in SCENES), ("ChainRule", "light")]
)
def test_the_pages_are_those_of_the_scenes_as_they_are(
    name, theme, pages, chromium, tmp_path
) -> None:
    page = pages[name]
    advice = f"docs/explorers/{name}.html is out of date: run `make explorers`."
    with open_scene(job_of(name, theme, tmp_path), HOOKS) as (ready, draw):
        axes, moves = plan_grid(ready, draw)
        assert [list(axis.texts) for axis in axes] == [a["texts"] for a in page.document["axes"]]
        states = list(page.states())
        for state in (states[0], states[len(states) // 2], states[-1]):
            step, values = moves[state.position]
            asked = DrawState(0, step, values, False, state.pressed, pixels=False)
            shown = draw(asked).shown
            numbers = [(n["text"], n["value"], n["source"]) for n in shown["numbers"]]
            assert numbers == page.numbers(state.number), advice
            drawn = page.items(state.number)
            assert len(drawn) == len(shown["items"]), advice
            for item, row in zip(shown["items"], drawn, strict=True):
                assert is_same(item, row, light=theme == "light"), advice
        picture = draw(replace(asked, whole=True, pixels=True))
    live = np.frombuffer(picture.patches[0].rgba, np.uint8).reshape(720, 1280, 4)
    page_pixels = drawn_by(chromium, FOLDER / f"{name}.html", theme, states[-1])
    gray = (0.299, 0.587, 0.114)
    assert ssim(live[..., :3] @ gray, page_pixels[..., :3] @ gray) > 0.99


def drawn_by(chromium: Any, file: Path, theme: str, state: RecordedState) -> np.ndarray:
    """The pixels of a state in a page, which is moved and pressed as a reader would."""
    with page_of(chromium, file, height=1000) as (page, console_errors):
        page.evaluate(f"postMessage({{theme: {theme!r}}}, '*')")
        page.evaluate("document.body.style.maxWidth = 'none'")
        page.evaluate("document.querySelector('canvas').style.width = '1280px'")
        page.evaluate("dispatchEvent(new Event('resize'))")
        for k in range(len(state.at)):
            control = page.locator(f"#axis{k}")
            if control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(label=list(state.at.values())[k])
            else:
                control.focus()
                page.keyboard.press("End")  # the last state is at the end of every axis
        for label in state.pressed:
            page.locator("[data-press]", has_text=label).click()
        page.wait_for_selector(f"canvas[data-state='{state.number}']")
        url = page.evaluate(
            "new Promise(requestAnimationFrame).then(() =>"
            " document.querySelector('canvas').toDataURL())"
        )
        assert_no_errors(console_errors)
    png = base64.b64decode(url.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.float64)


def job_of(name: str, theme: str, media: Path) -> Job:
    (entry,) = find_entries(name)
    ref = SceneRef(Path(entry.file), entry.cls, name)
    return Job(ref, LectureSettings.of("m", theme=theme), media_dir=media)


def is_same(item: Item, row: tuple[list[int], int, int, Any, Any], *, light: bool) -> bool:
    """Whether an item that is drawn now is the one in the page, but for rounding."""
    outline, x, y, *paints = row
    style = json.loads(json.dumps((item.fill, item.strokes, item.join, item.cap)))
    now = [item.x, item.y, *without_idle_moves(np.frombuffer(item.outline, np.int32).tolist())]
    then = [x, y, *outline]
    return (
        style == paints[light]
        and len(now) == len(then)
        and all(abs(a - b) <= 1 for a, b in zip(now, then, strict=True))
    )


def without_idle_moves(numbers: list[int]) -> list[int]:
    """The commands of an outline, without moves after which nothing is drawn."""
    commands, k = [], 0
    while k < len(numbers):
        length = 1 + (2, 2, 6, 0)[numbers[k]]
        commands.append(numbers[k : k + length])
        k += length
    following = [*commands[1:], [0]]
    return [
        n for one, then in zip(commands, following, strict=True) if one[0] or then[0] for n in one
    ]
