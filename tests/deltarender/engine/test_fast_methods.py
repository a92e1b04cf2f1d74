"""The faster Manim methods give Manim's own results."""

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
from manim.utils.paths import path_along_arc, straight_path
from PIL import Image

from deltarender.engine import fast_methods, manim_patches

ORIGINALS = {(patch.owner, patch.attribute): patch.original for patch in manim_patches.PATCHES}
STATE = ("points", *fast_methods.STYLE_ATTRIBUTES)


@pytest.fixture(autouse=True)
def patched_manim() -> Iterator[None]:
    manim_patches.install()
    yield
    manim_patches.remove()


def original(name: str, owner: type = VMobject):
    return ORIGINALS[owner, name]


class CountingUpdater:
    """An updater that is a callable object."""

    def __init__(self) -> None:
        self.dts: list[float] = []

    def __call__(self, mobject: Mobject, dt: float) -> None:
        self.dts.append(dt)


def test_updaters_of_every_kind_are_called():
    mobject, calls, updater = Mobject(), [], CountingUpdater()
    mobject.add_updater(lambda m: calls.append(m))
    mobject.add_updater(lambda m, dt: calls.append(dt))
    mobject.add_updater(updater)
    mobject.add_updater(updater.__call__)
    for _ in range(2):
        assert mobject.update(0.25) is mobject
    assert calls == [mobject, 0.25, mobject, 0.25]
    assert updater.dts == [0.25] * 4


class GroupWithOwnUpdate(VGroup):
    """A group that redefines `update` and counts its calls."""

    count = 0

    def update(self, dt=0, recursive=True):
        self.count += 1
        return super().update(dt, recursive)


def update_calls(update) -> list[tuple[str, float]]:
    """The updaters called, in order, for a group whose members are all unusual."""
    calls: list[tuple[str, float]] = []
    group, own = VGroup(), GroupWithOwnUpdate(Dot())
    suspended, changing = VGroup(Dot()), VGroup(Dot(), Dot())
    shadowed = Dot()
    shadowed.update = lambda dt, recursive: calls.append(("shadowed", dt))
    for name, mobject in (
        ("own", own),
        ("suspended", suspended),
        ("in own", own[0]),
        ("in suspended", suspended[0]),
    ):
        mobject.add_updater(lambda m, dt, name=name: calls.append((name, dt)))
    suspended.suspend_updating(recursive=False)

    def remove_member_and_updater(m):
        calls.append(("removing", 0))
        m.remove(m[0])
        m.remove_updater(remove_member_and_updater)

    changing.add_updater(remove_member_and_updater)
    changing.add_updater(lambda m: calls.append(("after", len(m))))
    group.add(own, suspended, shadowed, changing)
    for dt in (0.5, 0.25):
        update(group, dt)
    update(group, 1.0, False)
    return [*calls, ("count", own.count)]


def test_a_family_is_updated_in_manims_order():
    ours = update_calls(Mobject.update)
    manim_patches.remove()
    assert ours == update_calls(Mobject.update)
    assert ("in own", 0.5) in ours


def test_an_exception_of_an_updater_propagates():
    def failing_updater(m):
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        VGroup(Dot().add_updater(failing_updater)).update(0.1)


def test_a_mobject_that_contains_itself_raises_as_with_manim():
    group = VGroup(Dot())
    group[0].submobjects.append(group)
    for update in (Mobject.update, original("update", Mobject)):
        with pytest.raises(RecursionError):
            update(group, 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_families_equal_manims(seed):
    rng = random.Random(seed)
    mobjects: list[Mobject] = [Mobject(), VMobject(), Dot()]
    for _ in range(20):
        mobject = rng.choice([Dot, VGroup, Square])()
        mobject.submobjects.extend(rng.sample(mobjects, rng.randrange(3)))
        mobjects.append(mobject)
    for mobject in mobjects:
        for name in ("get_family", "family_members_with_points"):
            assert getattr(mobject, name)() == original(name, Mobject)(mobject)


def state_pairs() -> Iterator[tuple[VMobject, VMobject]]:
    """Aligned start and end states to interpolate between."""
    gradient = Square().set_fill([RED, GREEN], 0.5)
    pairs = [
        (Square(), Circle(color=RED, fill_opacity=0.3, stroke_width=9)),
        (gradient, gradient.copy().shift(UP).set_sheen(0.2, UP)),
        (Dot(stroke_width=np.float64(2)), Dot(UP, color=BLUE)),
    ]
    for start, end in pairs:
        start.align_data(end)
        yield start, end


@pytest.mark.parametrize("path", [straight_path(), path_along_arc(1.0)])
@pytest.mark.parametrize("alpha", [0.0, 0.3, np.float64(0.7), 1.0, 1, -0.2])
def test_interpolated_state_equals_manims_bit_for_bit(path, alpha):
    for start, end in state_pairs():
        ours, theirs = start.copy(), start.copy()
        ours.interpolate(start, end, alpha, path)
        manim_patches.remove()
        theirs.interpolate(start, end, alpha, path)
        manim_patches.install()
        for name in STATE:
            value, expected = getattr(ours, name), getattr(theirs, name)
            assert type(value) is type(expected)
            assert np.array_equal(value, expected)
            shared = isinstance(value, np.ndarray) and np.shares_memory(value, getattr(end, name))
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
def test_interpolated_values_equal_manims(start, end, alpha):
    ours = fast_methods.interpolate(start, end, alpha)
    theirs = (1 - alpha) * start + alpha * end
    assert type(ours) is type(theirs)
    assert np.array_equal(ours, theirs)
    assert getattr(ours, "dtype", None) == getattr(theirs, "dtype", None)


@pytest.mark.parametrize(
    "color",
    [None, RED, ManimColor((0.1, 0.2, 0.3, 0.4)), "#ff0080", [RED, GREEN], (RED, "#123456")],
)
@pytest.mark.parametrize("opacity", [None, 0, 1, 0.5, np.float64(0.25), [0.1, 0.9], True])
@pytest.mark.parametrize("sheen", [0, 0.3])
def test_rgbas_equal_manims(color, opacity, sheen):
    mobject = Square().set_sheen(sheen)
    ours = mobject.generate_rgbas_array(color, opacity)
    theirs = original("generate_rgbas_array")(mobject, color, opacity)
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)


def test_rgbas_of_one_color_are_not_shared_between_mobjects():
    first, second = Square(), Square()
    for mobject in (first, second):
        mobject.set_fill(RED, 0.5)
    first.fill_rgbas[0, 0] = 0.125
    assert second.fill_rgbas[0, 0] != 0.125
    assert ManimColor(RED).to_rgba()[0] != 0.125


class WithOwnAnchors(VMobject):
    """Redefines where its curves end."""

    def get_anchors(self):
        return [self.points[0]]


class WithOwnExtremum(VMobject):
    """Redefines its extent."""

    def get_extremum_along_dim(self, points=None, dim=0, key=0):
        return 0.5


def mobjects_with_unusual_points() -> list[Mobject]:
    """Mobjects for every case in which a critical point is computed differently."""
    own_anchors, own_extremum = WithOwnAnchors(), WithOwnExtremum()
    for mobject in (own_anchors, own_extremum):
        mobject.set_points(Circle().points)
    with_nan, single_point = Square(), VMobject()
    with_nan.points[2] = np.nan
    single_point.points = np.array([[1.0, 2.0, 3.0]])
    strided, float32 = Square(), Circle()
    strided.points = np.repeat(strided.points, 2, axis=0)[::2]
    float32.points = float32.points.astype(np.float32)
    return [
        Text("gradient"), VGroup(Square(), VGroup(), Dot(UP)), VMobject(), VGroup(), Mobject(),
        own_anchors, own_extremum, with_nan, single_point, strided, float32,
        VGroup(own_anchors, Square()),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(12))
def test_critical_points_equal_manims(number):
    mobject = mobjects_with_unusual_points()[number]
    directions = [[0, 0, 0], UP, np.array([1, -1, 0]), (-0.5, 0.0, 2), np.array([0, 0, -1.0])]
    for direction in directions:
        ours = mobject.get_critical_point(direction)
        theirs = original("get_critical_point", Mobject)(mobject, direction)
        assert np.array_equal(ours, theirs, equal_nan=True)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    if isinstance(mobject, VMobject):
        ours = mobject.get_points_defining_boundary()
        theirs = original("get_points_defining_boundary")(mobject)
        assert np.array_equal(ours, theirs, equal_nan=True)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)


@pytest.mark.parametrize("name", ["get_critical_point", "get_points_defining_boundary"])
def test_an_incomplete_curve_raises_as_with_manim(name):
    mobject = Square()
    mobject.points = mobject.points[:-1]
    owner = Mobject if name == "get_critical_point" else VMobject
    arguments = [UP] if name == "get_critical_point" else []
    for method in (getattr(mobject, name), lambda *a: original(name, owner)(mobject, *a)):
        with pytest.raises(ValueError, match="zip"):
            method(*arguments)


def test_the_family_of_a_text_is_its_letters():
    text = Text("abc")
    assert text.family_members_with_points() == [*text]


@pytest.mark.parametrize(
    "box", [(3, 5, 30, 20), (0, 0, 64, 36), (40, 30, 64, 36), (7, 7, 8, 8), None]
)
def test_an_overlaid_image_equals_manims(box):
    camera = Camera(pixel_width=64, pixel_height=36)
    rng = np.random.default_rng(3)
    ours = rng.integers(0, 256, (36, 64, 4), dtype=np.uint8)
    image = np.zeros((36, 64, 4), np.uint8)
    if box is not None:
        left, top, right, bottom = box
        image[top:bottom, left:right] = rng.integers(0, 256, (bottom - top, right - left, 4))
        image[top:bottom:3, left:right:2, 3] = 0
    theirs = ours.copy()
    fast_methods.overlay_image(camera, ours, Image.fromarray(image))
    original("overlay_PIL_image", Camera)(camera, theirs, Image.fromarray(image))
    np.testing.assert_array_equal(ours, theirs)


def test_an_image_of_another_size_raises_as_with_manim():
    camera = Camera(pixel_width=64, pixel_height=36)
    pixels = np.zeros((36, 64, 4), np.uint8)
    with pytest.raises(ValueError, match=r"images? do"):
        fast_methods.overlay_image(camera, pixels, Image.new("RGBA", (8, 8)))
