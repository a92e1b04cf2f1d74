"""Paths of letters: the points are those of Manim's own import, bit for bit."""

from __future__ import annotations

import re

import numpy as np
import pytest
import svgelements
import typst
from manim.mobject.svg.svg_mobject import VMobjectFromSVGPath

from gradreel.draw import svg_path
from gradreel.draw.svg_path import path_points

MARKUP = r"""#set page(width: auto, height: auto)
$ integral_0^1 sum x^2/3 + sqrt(a b) - arrow(v) times nabla partial f approx mat(1, 2; 3, 4) $
#for n in range(33, 255) { str.from-unicode(n) } #raw(range(33, 127).map(str.from-unicode).join())
#strong[Bold] #emph[italic] ÄÖÜäöüß “” – … #underline[a] $cancel(x)$
#text(font: "Libertinus Serif")[QRS &] #table(columns: 2, [a], [b]) #circle(radius: 3pt)"""


def of_manim(d: str) -> np.ndarray:
    return VMobjectFromSVGPath(svgelements.Path(d)).points


def test_letters_of_all_fonts_have_the_points_of_manim(monkeypatch):
    svg = typst.Compiler(ignore_system_fonts=True).compile(MARKUP.encode(), format="svg").decode()
    paths = sorted(set(re.findall(r' d="([^"]+)"', svg)))
    assert len(paths) > 300
    expected = [of_manim(d) for d in paths]
    monkeypatch.delattr(svg_path, "VMobjectFromSVGPath")  # none of them may be left to Manim
    for d, points in zip(paths, expected, strict=True):
        assert np.array_equal(path_points(d), points), d


@pytest.mark.parametrize(
    "d",
    [
        "M 1 2 L 3 4 H 5 V 6 Q 1 2 3 4 C 1 2 3 4 5 6 Z m 1 1 l 2 0 z l 5 5",
        "M 0 0m 1 1l 1 0l 0 1l -1 -0.99995Zl 3 3", "M 0 0 h 3 v 1e-7 z", "M0,0L1-1z", "M 0 0 1 1",
        "M 0 0 A 1 1 0 0 0 2 2", "M 0 0 S 1 1 2 2", "", "M 1 1",
    ],
)  # fmt: skip
def test_any_other_path_has_them_too(d):
    assert np.array_equal(path_points(d), of_manim(d))
