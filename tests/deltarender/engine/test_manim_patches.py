"""Methods of Manim's mobjects, sooner: the results are Manim's own."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from manim import (
    BLUE,
    GREEN,
    RED,
    UP,
    Camera,
    Circle,
    Dot,
    ManimColor,
    Mobject,
    Square,
    Text,
    VGroup,
    VMobject,
)  # fmt: skip
from manim.mobject.types import vectorized_mobject
from manim.utils.paths import path_along_arc, straight_path
from PIL import Image

from deltarender.engine import manim_patches

NAMES = {
    Mobject: (
        "get_family",
        "family_members_with_points",
        "update",
        "interpolate",
        "get_critical_point",
    ),
    VMobject: ("interpolate_color", "generate_rgbas_array", "get_points_defining_boundary"),
    Camera: ("overlay_PIL_image",),
}
STOCK = {kind: {name: getattr(kind, name) for name in names} for kind, names in NAMES.items()}
LOOKS = ("points", *manim_patches._STATE)


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    before = vectorized_mobject.interpolate
    manim_patches.install()
    yield
    for kind, methods in STOCK.items():
        for name, method in methods.items():
            setattr(kind, name, method)
    vectorized_mobject.interpolate = before


def stock(name: str, kind: type = VMobject):
    return STOCK[kind][name]


class Counter:
    """An updater that is an object."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def __call__(self, one: Mobject, dt: float) -> None:
        self.seen.append(dt)


def test_updaters_of_every_kind_are_called():
    thing, calls, counter = Mobject(), [], Counter()
    thing.add_updater(lambda m: calls.append(m))
    thing.add_updater(lambda m, dt: calls.append(dt))
    thing.add_updater(counter)
    thing.add_updater(counter.__call__)
    for _ in range(2):
        assert thing.update(0.25) is thing
    assert calls == [thing, 0.25, thing, 0.25]
    assert counter.seen == [0.25] * 4


class Own(VGroup):
    """A group whose updates are counted by itself."""

    count = 0

    def update(self, dt=0, recursive=True):
        self.count += 1
        return super().update(dt, recursive)


def family(update) -> list[tuple[str, float]]:
    """What is called, in order, when a group is updated in which everything is odd."""
    heard: list[tuple[str, float]] = []
    group, own, rests, changes = VGroup(), Own(Dot()), VGroup(Dot()), VGroup(Dot(), Dot())
    shadowed = Dot()
    shadowed.update = lambda dt, recursive: heard.append(("shadowed", dt))
    for name, one in (("own", own), ("rests", rests), ("within", own[0]), ("below", rests[0])):
        one.add_updater(lambda m, dt, name=name: heard.append((name, dt)))
    rests.suspend_updating(recursive=False)

    def change(m):
        heard.append(("change", 0))
        m.remove(m[0])
        m.remove_updater(change)

    changes.add_updater(change)
    changes.add_updater(lambda m: heard.append(("after", len(m))))
    group.add(own, rests, shadowed, changes)
    for dt in (0.5, 0.25):
        update(group, dt)
    update(group, 1.0, False)
    return [*heard, ("count", own.count)]


def test_a_family_is_updated_as_by_manim():
    mine = family(Mobject.update)
    Mobject.update = stock("update", Mobject)
    assert mine == family(Mobject.update)
    assert ("within", 0.5) in mine


def test_a_fault_of_an_updater_passes():
    def wrong(m):
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        VGroup(Dot().add_updater(wrong)).update(0.1)


def test_a_mobject_within_itself_ends_as_with_manim():
    group = VGroup(Dot())
    group[0].submobjects.append(group)
    for update in (Mobject.update, stock("update", Mobject)):
        with pytest.raises(RecursionError):
            update(group, 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_families_are_manims(seed):
    draw = random.Random(seed)
    made: list[Mobject] = [Mobject(), VMobject(), Dot()]
    for _ in range(20):
        fresh = draw.choice([Dot, VGroup, Square])()
        fresh.submobjects.extend(draw.sample(made, draw.randrange(3)))
        made.append(fresh)
    for one in made:
        for name in ("get_family", "family_members_with_points"):
            assert getattr(one, name)() == stock(name, Mobject)(one)


def states(path) -> Iterator[tuple[VMobject, VMobject]]:
    many = Square().set_fill([RED, GREEN], 0.5)
    pairs = [
        (Square(), Circle(color=RED, fill_opacity=0.3, stroke_width=9)),
        (many, many.copy().shift(UP).set_sheen(0.2, UP)),
        (Dot(stroke_width=np.float64(2)), Dot(UP, color=BLUE)),
    ]
    for one, other in pairs:
        one.align_data(other)
        yield one, other


@pytest.mark.parametrize("path", [straight_path(), path_along_arc(1.0)])
@pytest.mark.parametrize("alpha", [0.0, 0.3, np.float64(0.7), 1.0, 1, -0.2])
def test_between_two_states_every_bit_is_manims(path, alpha):
    for one, other in states(path):
        mine, theirs = one.copy(), one.copy()
        mine.interpolate(one, other, alpha, path)
        for kind, methods in STOCK.items():
            for name, method in methods.items():
                setattr(kind, name, method)
        theirs.interpolate(one, other, alpha, path)
        manim_patches.install()
        for name in LOOKS:
            ours, expected = getattr(mine, name), getattr(theirs, name)
            assert type(ours) is type(expected)
            assert np.array_equal(ours, expected)
            shared = isinstance(ours, np.ndarray) and np.shares_memory(ours, getattr(other, name))
            assert not shared


@pytest.mark.parametrize(
    "start, end, alpha",
    [
        (0.1, 0.7, 0.3), (1, 2, 0.5), (np.float64(1), 2.0, 0.1), (0.5, 1.5, np.float64(0.2)),
        (np.arange(6.0).reshape(2, 3), np.ones((2, 3)), 0.7),
        (np.arange(6.0), np.ones((2, 6)), 0.7), (np.arange(6), np.ones(6), 0.7),
        (np.arange(12.0)[::2], np.ones(6), 0.7),
        (np.ones(3), np.zeros(3), np.array([[0.1], [0.9]])),
        (np.ones(3, np.float32), np.zeros(3, np.float32), 0.1),
    ],
)  # fmt: skip
def test_means_are_manims(start, end, alpha):
    mine, theirs = manim_patches.interpolate(start, end, alpha), (1 - alpha) * start + alpha * end
    assert type(mine) is type(theirs)
    assert np.array_equal(mine, theirs)
    assert getattr(mine, "dtype", None) == getattr(theirs, "dtype", None)


@pytest.mark.parametrize(
    "color",
    [None, RED, ManimColor((0.1, 0.2, 0.3, 0.4)), "#ff0080", [RED, GREEN], (RED, "#123456")],
)
@pytest.mark.parametrize("opacity", [None, 0, 1, 0.5, np.float64(0.25), [0.1, 0.9], True])
@pytest.mark.parametrize("sheen", [0, 0.3])
def test_colours_are_manims(color, opacity, sheen):
    one = Square().set_sheen(sheen)
    mine = one.generate_rgbas_array(color, opacity)
    theirs = stock("generate_rgbas_array")(one, color, opacity)
    assert mine.dtype == theirs.dtype
    assert np.array_equal(mine, theirs)


def test_a_colour_set_is_not_shared():
    one, other = Square(), Square()
    for each in (one, other):
        each.set_fill(RED, 0.5)
    one.fill_rgbas[0, 0] = 0.125
    assert other.fill_rgbas[0, 0] != 0.125
    assert ManimColor(RED).to_rgba()[0] != 0.125


class Ends(VMobject):
    """Has an idea of its own where its curves end."""

    def get_anchors(self):
        return [self.points[0]]


class Middle(VMobject):
    """Has an idea of its own how far it reaches."""

    def get_extremum_along_dim(self, points=None, dim=0, key=0):
        return 0.5


def reaching() -> list[Mobject]:
    """Mobjects whose corners are found in every way there is."""
    ends, middle, lost, lone = Ends(), Middle(), Square(), VMobject()
    for one in (ends, middle):
        one.set_points(Circle().points)
    lost.points[2] = np.nan
    lone.points = np.array([[1.0, 2.0, 3.0]])
    strided, single = Square(), Circle()
    strided.points = np.repeat(strided.points, 2, axis=0)[::2]
    single.points = single.points.astype(np.float32)
    some = [Text("gradient"), VGroup(Square(), VGroup(), Dot(UP)), VMobject(), VGroup(), Mobject()]
    return [*some, ends, middle, lost, lone, strided, single, VGroup(ends, Square())]


@pytest.mark.parametrize("number", range(12))
def test_corners_are_manims(number):
    one = reaching()[number]
    directions = [[0, 0, 0], UP, np.array([1, -1, 0]), (-0.5, 0.0, 2), np.array([0, 0, -1.0])]
    for direction in directions:
        mine, theirs = one.get_critical_point(direction), None
        theirs = stock("get_critical_point", Mobject)(one, direction)
        assert np.array_equal(mine, theirs, equal_nan=True)
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
    if isinstance(one, VMobject):
        mine, theirs = (
            one.get_points_defining_boundary(),
            stock("get_points_defining_boundary")(one),
        )
        assert np.array_equal(mine, theirs, equal_nan=True)
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)


@pytest.mark.parametrize("name", ["get_critical_point", "get_points_defining_boundary"])
def test_points_that_do_not_make_curves_fail_as_with_manim(name):
    one = Square()
    one.points = one.points[:-1]
    kind = Mobject if name == "get_critical_point" else VMobject
    args = [UP] if name == "get_critical_point" else []
    for ask in (getattr(one, name), lambda *a: stock(name, kind)(one, *a)):
        with pytest.raises(ValueError, match="zip"):
            ask(*args)


def test_text_is_a_family_too():
    text = Text("abc")
    assert text.family_members_with_points() == [*text]


@pytest.mark.parametrize(
    "box", [(3, 5, 30, 20), (0, 0, 64, 36), (40, 30, 64, 36), (7, 7, 8, 8), None]
)
def test_images_are_laid_over_the_picture(box):
    camera = Camera(pixel_width=64, pixel_height=36)
    rng = np.random.default_rng(3)
    ours = rng.integers(0, 256, (36, 64, 4), dtype=np.uint8)
    over = np.zeros((36, 64, 4), np.uint8)
    if box is not None:
        left, top, right, bottom = box
        over[top:bottom, left:right] = rng.integers(0, 256, (bottom - top, right - left, 4))
        over[top:bottom:3, left:right:2, 3] = 0
    theirs = ours.copy()
    manim_patches.overlay_image(camera, ours, Image.fromarray(over))
    stock("overlay_PIL_image", Camera)(camera, theirs, Image.fromarray(over))
    np.testing.assert_array_equal(ours, theirs)


def test_images_of_another_kind_are_left_to_manim():
    camera = Camera(pixel_width=64, pixel_height=36)
    pixels = np.zeros((36, 64, 4), np.uint8)
    with pytest.raises(ValueError, match=r"images? do"):
        manim_patches.overlay_image(camera, pixels, Image.new("RGBA", (8, 8)))
