"""Which mobjects are drawn, and in which order: compared with Manim's own answer."""

from __future__ import annotations

import random

import pytest
from manim import Camera, Dot, Mobject, Square, ValueTracker, VGroup, VMobject

from deltarender.engine.class_traits import displayed


def crowd(seed: int) -> list[Mobject]:
    """Nested groups with shared members, trackers, empty mobjects and layers."""
    draw = random.Random(seed)
    made: list[Mobject] = [ValueTracker(1), VMobject()]
    for _ in range(25):
        fresh = draw.choice([Dot, Square, VGroup])()
        fresh.z_index = draw.choice([0, 0, 0, -1, 2])
        for member in draw.sample(made, min(len(made), draw.randrange(4))):
            if isinstance(member, VMobject):
                fresh.add(member)
        made.append(fresh)
    return draw.sample(made, 12)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("layered", [True, False])
def test_the_order_is_manims(seed, layered):
    camera = Camera(use_z_index=layered)
    mobjects = crowd(seed)
    expected = camera.get_mobjects_to_display(mobjects)
    assert [id(m) for m in displayed(camera, mobjects)] == [id(m) for m in expected]


def test_a_class_with_its_own_family_is_asked():
    class Hides(VGroup):
        def get_family(self, recurse=True):
            return [self]

    camera = Camera()
    mobjects = [Hides(Square()), Dot()]
    expected = camera.get_mobjects_to_display(mobjects)
    assert displayed(camera, mobjects) == expected
    assert len(expected) == 1


def test_a_mobject_within_itself_is_walked_once():
    outer, inner = VGroup(Square()), VGroup(Dot())
    outer.add(inner)
    inner.submobjects.append(outer)
    camera = Camera()
    assert displayed(camera, [outer]) == camera.get_mobjects_to_display([outer])


def test_families_deeper_than_anyone_nests_them():
    deepest = group = VGroup(Square())
    for _ in range(450):
        group.submobjects.append(VGroup())
        group = group.submobjects[-1]
    group.submobjects.append(Dot())
    camera = Camera()
    assert displayed(camera, [deepest]) == camera.get_mobjects_to_display([deepest])


def test_layers_that_are_not_numbers_are_left_to_manim():
    class Tall(Square):
        z_index = property(lambda _: "tall", lambda _, __: None)

    camera = Camera()
    mobjects = [Tall(), Tall()]
    assert displayed(camera, mobjects) == camera.get_mobjects_to_display(mobjects)
