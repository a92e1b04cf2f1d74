"""The pytest plugin, run by pytest in a project of its own; and its comparison of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradreel.testing.picture_difference import (
    difference_picture,
    different_pixels,
    worst_window,
)

pytest_plugins = ["pytester"]

PYPROJECT = """
[tool.gradreel]
pytest = ["scenes/*.py"]
[tool.pytest.ini_options]
testpaths = ["tests"]
"""
SCENE = '''"""A product."""
from gradreel.draw.layout import point
from gradreel.draw.numbers import Readout
from gradreel.functions.function import Function
from gradreel.lecture import LectureScene
from gradreel.params import SceneParams, param

class Product(LectureScene):
    class Params(SceneParams):
        x: float = param(2.0, "the input x")

    def construct(self):
        slope = Function.parse("3*x**2").point_at(self.params.x).slope
        with self.beat("the slope", "The slope is {slope}.", slope=slope):
            self.add(Readout(slope).move_to(point(0, 0)))
'''
TESTS = """
import pytest

def test_values(scene_values, assert_golden):
    values = scene_values("scenes/product.py:Product", x=5)
    assert values.beat("the slope").caption == "The slope is 30."
    assert [number.value for number in values.numbers] == [30.0, 30.0]
    assert values.inputs == {"x": 5.0}
    assert values.tape is None
    assert_golden(values)

def test_stills(assert_stills):
    assert_stills("scenes/product.py")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """A project with a scene, a test of its values and pictures, and no golden files."""
    pytester.makepyprojecttoml(PYPROJECT)
    for name, text in (("scenes/product.py", SCENE), ("tests/test_product.py", TESTS)):
        path = pytester.path / name
        path.parent.mkdir()
        path.write_text(text)
    return pytester.path


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """pytest with the plugin, whether or not it is installed as an entry point."""
    plugin = ("-p", "no:gradreel", "-p", "gradreel.testing.pytest_plugin", "-p", "no:cacheprovider")
    return pytester.runpytest_inprocess(*plugin, *arguments)


@pytest.mark.slow
def test_golden_files_are_written_agree_and_find_a_changed_coefficient(pytester, project) -> None:
    """One scenario, as each step plays the scene."""
    missing = run(pytester, "-k", "values")
    missing.assert_outcomes(failed=1, deselected=2)
    missing.stdout.fnmatch_lines(["*there is no golden file tests/golden/Product_x=5.json*"])
    written = run(pytester, "--update-golden")
    written.assert_outcomes(passed=3)
    written.stdout.fnmatch_lines(["3 golden files written"])
    golden = project / "tests" / "golden"
    assert {p.relative_to(golden).as_posix() for p in golden.rglob("*.*")} == {
        "Product.json", "Product_x=5.json", "Product/01-the-slope.png",
    }  # fmt: skip
    scene = project / "scenes" / "product.py"
    run(pytester, str(scene), "--junitxml=report.xml").assert_outcomes(passed=1)
    assert 'name="Product"' in (project / "report.xml").read_text()

    scene.write_text(SCENE.replace("3*x", "4*x"))
    changed = run(pytester)
    changed.assert_outcomes(failed=3)
    changed.stdout.fnmatch_lines(
        ["Product, tests/golden/Product.json: * differences", "  beat 'the slope'",
         "    12 -> 16  (was 12.0, is 16.0, relative difference 2.5e-01)", "      source: *"]
    )  # fmt: skip
    assert (project / "media" / "differences" / "Product" / "01-the-slope.png").is_file()


def test_wrong_settings_are_wrong_use(pytester) -> None:
    pytester.makepyprojecttoml('[tool.gradreel]\npytst = ["scenes/*.py"]\n')
    done = run(pytester)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*no setting is called 'pytst'*", "*Did you mean pytest*"])


def picture(gray: int = 20) -> np.ndarray:
    return np.full((60, 80, 3), gray, dtype=np.uint8)


def test_equal_pictures_and_small_changes_of_color_are_no_difference() -> None:
    near = picture()
    near[20:30, 20:30] += 6  # a hardly visible shade
    assert worst_window(different_pixels(picture(), picture(), 12)) == 0
    assert worst_window(different_pixels(picture(), near, 12)) == 0


def test_scattered_pixels_count_less_than_a_stroke() -> None:
    scattered, stroke = picture(), picture()
    scattered[::15, ::15] = 255
    stroke[20:32, 40] = 255
    assert worst_window(different_pixels(picture(), scattered, 12)) == 1
    assert worst_window(different_pixels(picture(), stroke, 12)) == 12


def test_white_is_a_hundred_from_black() -> None:
    black, white = picture(0), picture(255)
    assert different_pixels(black, white, 99.9).all()
    assert not different_pixels(black, white, 100.1).any()


def test_the_picture_of_a_difference_shows_all_three() -> None:
    changed = picture()
    changed[5, 7] = 255
    drawn = np.asarray(difference_picture(picture(), changed, (changed > 100).any(axis=2)))
    assert drawn.shape == (60, 3 * 84, 3)
    assert tuple(drawn[5, 2 * 84 + 7]) == (255, 40, 90)
    assert difference_picture(picture(), changed[:50], None).size == (2 * 84, 60)
