"""Vector stills look like the PNG when a browser or poppler draws them."""

from __future__ import annotations

import json
import shutil
import subprocess

import av
import numpy as np
import pytest
from click.testing import CliRunner
from manim import ManimColor
from PIL import Image

from deltarender.batch import dry_run
from deltarender.jobs import Job, SceneRef
from gradreel.cli import group
from gradreel.lecture_settings import LectureSettings
from tests.publish.browser import browser, page_of, screenshot

pytestmark = pytest.mark.slow
SIZE = {"width": 640, "height": 360}
SOURCE = '''"""One mobject of each kind that has drawing code of its own."""
import numpy as np
from manim import *


class Shapes(Scene):
    def construct(self):
        self.camera.background_color = "#102030"
        disc = Circle(1, fill_color=[RED, BLUE], fill_opacity=1, stroke_width=0).shift(3 * LEFT)
        half = Square(fill_color=GREEN, fill_opacity=0.5, stroke_color=ORANGE).shift(2.2 * LEFT)
        pixels = np.uint8([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 0]]])
        image = ImageMobject(pixels).set_height(2).shift(2 * RIGHT)
        image.set_resampling_algorithm(RESAMPLING_ALGORITHMS["nearest"])
        clear = Square(5, stroke_opacity=0)
        over = Line(4 * LEFT, 4 * RIGHT, stroke_width=12, color=PINK)
        self.add(disc, half, image, clear, over, Square(1).shift(DOWN * 2))
        self.wait(0.2)
'''

RIM = """from manim import *


class Rim(Scene):
    def construct(self):
        wide, high = config.frame_width, config.frame_height
        self.add(Rectangle(width=wide, height=high, stroke_width=30, color=WHITE))
        self.wait(0.1)
"""

HALF = """from manim import *


class Half(Scene):
    def construct(self):
        self.camera.background_color = "#FF0000"
        square = Square(3, fill_color="#80C040", fill_opacity=0.5, stroke_width=0)
        self.add(square)
        self.play(square.animate.shift(0.2 * UP), run_time=0.4)
        self.wait(0.2)
"""


@pytest.fixture(scope="session")
def stills(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vector")
    file = folder / "shapes.py"
    file.write_text(SOURCE)
    jobs = [
        Job(
            SceneRef(file, "Shapes", "Shapes"),
            LectureSettings(640, 360, 10, format=kind),
            (),
            folder,
        )
        for kind in ("png", "svg", "pdf")
    ]
    done = [dry_run([job], stills=True)[0] for job in jobs]
    assert all(one.error is None for one in done)
    return {path.suffix: path for one in done for path in one.stills}


def look_alike(first, second) -> bool:
    """Whether two pictures differ along edges only."""
    a, b = (np.asarray(Image.open(path).convert("RGB")).astype(int) for path in (first, second))
    assert a.shape == b.shape
    difference = np.abs(a - b).max(axis=2)
    return bool(difference.mean() < 1.5 and (difference > 24).mean() < 0.01)


def test_svg_in_a_browser(stills, tmp_path):
    picture = tmp_path / "svg.png"
    with browser() as chromium, page_of(chromium, stills[".svg"], **SIZE) as (page, _):
        screenshot(page, picture)
    assert look_alike(stills[".png"], picture)
    text = stills[".svg"].read_text()
    assert text.count("<image") == 1
    assert "font" not in text
    assert '<svg role="img"' in text
    assert "<title>Shapes: end</title>" in text


def test_pdf_in_poppler(stills, tmp_path):
    if shutil.which("pdftoppm") is None:
        pytest.skip("poppler-utils is not installed")
    subprocess.run(
        ["pdftoppm", "-r", "96", "-png", "-singlefile", stills[".pdf"], tmp_path / "pdf"],
        check=True,
    )
    assert look_alike(stills[".png"], tmp_path / "pdf.png")


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_background_of_a_transparent_still_is_clear(tmp_path, kind):
    """A yellow page shows through the green square of opacity 0.5, and fully around it."""
    (tmp_path / "shapes.py").write_text(SOURCE)
    target = SceneRef(tmp_path / "shapes.py", "Shapes", "Shapes")
    profile = LectureSettings(640, 360, 10, format=kind, transparent=True)
    done = dry_run([Job(target, profile, (), tmp_path / "media")], stills=True)[0]
    html = tmp_path / "page.html"
    source = f'<img src="{done.stills[0].as_uri()}" style="position:fixed;left:0;top:0">'
    html.write_text(f'<body style="background:rgb(255,255,0)">{source}')
    with browser() as chromium, page_of(chromium, html, **SIZE) as (page, _):
        screenshot(page, tmp_path / "screenshot.png")
    pixels = np.asarray(Image.open(tmp_path / "screenshot.png").convert("RGB")).astype(int)
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1]] == (255, 255, 0)).all()
    # The mean of Manim's green and the yellow, 1.5 units to the left, beside the disc.
    green = np.array(ManimColor.parse("GREEN").to_int_rgb())
    blended = pixels[160, round(320 - 1.5 * 45)]
    assert np.abs(blended - (green + (255, 255, 0)) / 2).max() <= 3


def test_a_frame_of_four_to_three_is_filled_to_its_edges(tmp_path):
    (tmp_path / "rim.py").write_text(RIM)
    target = SceneRef(tmp_path / "rim.py", "Rim", "Rim")
    for width, height in ((320, 240), (320, 180)):
        job = Job(target, LectureSettings(width, height, 10, format="png"), (), tmp_path / "media")
        pixels = np.asarray(Image.open(dry_run([job], stills=True)[0].stills[0]).convert("RGB"))
        assert pixels.shape == (height, width, 3)
        assert (pixels[[2, -3], width // 2] > 200).all()
        assert (pixels[height // 2, [2, -3]] > 200).all()
        assert (pixels[12:-12, 12:-12] < 30).all()


@pytest.mark.parametrize("kind", ["mov", "png"])
def test_a_transparent_film_keeps_its_colours(tmp_path, kind):
    (tmp_path / "half.py").write_text(HALF)
    command = ["render", f"{tmp_path}/half.py", "--transparent", "--format", kind, "--json"]
    options = ["--resolution", "64,36", "--fps", "10", "--media-dir", str(tmp_path / "media")]
    done = CliRunner().invoke(group, [*command, *options], catch_exceptions=False)
    with av.open(json.loads(done.stdout)["results"][0]["path"]) as film:
        for frame in film.decode(video=0):
            pixels = frame.to_ndarray(format="rgba").astype(int)
            assert np.abs(pixels[18, 32] - (128, 192, 64, 128)).max() <= 2
            assert pixels[0, 0, 3] == 0
