"""Which mobjects are drawn, and in which order: equal to Manim's own result."""

from __future__ import annotations

import random

import pytest
from manim import Camera, Dot, Mobject, Square, ValueTracker, VGroup, VMobject

from deltarender.engine.class_traits import mobjects_to_display


def random_mobjects(seed: int) -> list[Mobject]:
    """Nested groups with shared members, trackers, empty mobjects and z-indices."""
    rng = random.Random(seed)
    mobjects: list[Mobject] = [ValueTracker(1), VMobject()]
    for _ in range(25):
        mobject = rng.choice([Dot, Square, VGroup])()
        mobject.z_index = rng.choice([0, 0, 0, -1, 2])
        for member in rng.sample(mobjects, min(len(mobjects), rng.randrange(4))):
            if isinstance(member, VMobject):
                mobject.add(member)
        mobjects.append(mobject)
    return rng.sample(mobjects, 12)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("use_z_index", [True, False])
def test_the_order_equals_manims(seed, use_z_index):
    camera = Camera(use_z_index=use_z_index)
    mobjects = random_mobjects(seed)
    expected = camera.get_mobjects_to_display(mobjects)
    assert [id(m) for m in mobjects_to_display(camera, mobjects)] == [id(m) for m in expected]


def test_a_class_with_its_own_get_family_is_respected():
    class HidesMembers(VGroup):
        def get_family(self, recurse=True):
            return [self]

    camera = Camera()
    mobjects = [HidesMembers(Square()), Dot()]
    expected = camera.get_mobjects_to_display(mobjects)
    assert mobjects_to_display(camera, mobjects) == expected
    assert len(expected) == 1


def test_a_group_that_contains_itself_is_listed_once():
    outer, inner = VGroup(Square()), VGroup(Dot())
    outer.add(inner)
    inner.submobjects.append(outer)
    camera = Camera()
    assert mobjects_to_display(camera, [outer]) == camera.get_mobjects_to_display([outer])


def test_450_levels_of_nesting():
    outermost = group = VGroup(Square())
    for _ in range(450):
        group.submobjects.append(VGroup())
        group = group.submobjects[-1]
    group.submobjects.append(Dot())
    camera = Camera()
    assert mobjects_to_display(camera, [outermost]) == camera.get_mobjects_to_display([outermost])


def test_a_z_index_that_is_not_a_number_is_left_to_manim():
    class WithTextAsZIndex(Square):
        z_index = property(lambda _: "tall", lambda _, __: None)

    camera = Camera()
    mobjects = [WithTextAsZIndex(), WithTextAsZIndex()]
    assert mobjects_to_display(camera, mobjects) == camera.get_mobjects_to_display(mobjects)
