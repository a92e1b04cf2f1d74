"""Copies of mobjects equal those of copy.deepcopy, object by object."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator
from enum import Enum
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np
import pytest
from manim import Axes, Dot, ManimColor, Mobject, Square, Table, Text, VGroup

from deltarender._native import copy_mobject
from deltarender.engine import fast_copy, manim_patches


@pytest.fixture(autouse=True)
def patched_manim() -> Iterator[None]:
    manim_patches.install()
    yield
    manim_patches.remove()


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Stateful:
    """Leaves out a part of its state."""

    def __init__(self) -> None:
        self.kept, self.dropped = [1], [2]

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.kept}


class CopiesItself(Square):
    """A mobject that counts how often it was copied, and whose members are copied as usual."""

    def __deepcopy__(self, memo: dict[int, Any]) -> CopiesItself:
        result: CopiesItself = super().__deepcopy__(memo)
        result.generation = getattr(self, "generation", 0) + 1
        return result


class Shade(Enum):
    DARK = np.array([0.1])


class ListOfMobjects(list):
    """A list with an attribute."""


def with_everything() -> VGroup:
    """A mobject that refers to objects of every kind, some of them twice and some in cycles."""
    group, dot = VGroup(Dot(), CopiesItself(), VGroup(Text("ab"))), Dot()
    shared = np.arange(6.0).reshape(2, 3)
    group.first, group.again = shared, (shared, [shared])
    group.itself, group.pair = group, (1, "a")
    group.cycle = [group.pair]
    group.cycle.append((group.cycle, dot))
    group.table = {dot: dot, "self": group, (1, 2): {3}}
    group.method, group.partial = dot.get_center, partial(dot.shift, shared)
    group.function, group.cls, group.path = len, Square, Path("a/b")
    group.slotted, group.stateful = Slotted(dot), Stateful()
    group.ordered, group.many = OrderedDict(a=dot), ListOfMobjects([dot])
    group.many.label = "x"
    group.objects = np.array([dot, None], dtype=object)
    group.fortran = np.asfortranarray(np.ones((2, 3)))
    group.view, group.number = shared[:, 1], np.float64(0.5)
    group.color, group.shade = ManimColor("#ff0000"), Shade.DARK
    group.add_updater(lambda m: None)
    group.save_state()
    return group


def assert_same_structure(ours: Any, theirs: Any, seen: dict[int, int]) -> None:
    """Compare two graphs of objects: classes, values, and which objects are the same."""
    assert type(ours) is type(theirs)
    if is_value(ours):
        assert ours == theirs
        return
    is_known = id(ours) in seen
    assert seen.setdefault(id(ours), id(theirs)) == id(theirs)
    if is_known:
        return
    if isinstance(ours, np.ndarray) and ours.dtype != object:
        assert (ours.dtype, ours.strides) == (theirs.dtype, theirs.strides)
        assert np.array_equal(ours, theirs)
        return
    for a, b in zip(parts_of(ours), parts_of(theirs), strict=True):
        assert_same_structure(a, b, seen)


def is_value(item: Any) -> bool:
    """Whether an object is compared by its value, or is never copied."""
    values = (str, float, int, type(None), type, np.generic, Path, FunctionType)
    return isinstance(item, (*values, BuiltinFunctionType, Enum))


def parts_of(item: Any) -> list[Any]:
    """What an object refers to, in order."""
    if isinstance(item, MethodType):
        return [item.__func__, item.__self__]
    if isinstance(item, partial):
        return [item.func, *item.args]
    items = list(item) if isinstance(item, (list, tuple, set, np.ndarray)) else []
    mapping = item if isinstance(item, dict) else vars(item) if hasattr(item, "__dict__") else {}
    for name, value in mapping.items():
        if name != "original_id":
            items += [name, value]
    return [*items, item.value] if isinstance(item, Slotted) else items


def stock_copy(mobject: Mobject) -> Mobject:
    manim_patches.remove()
    try:
        return mobject.copy()
    finally:
        manim_patches.install()


@pytest.mark.parametrize(
    "make",
    [with_everything, lambda: Axes(x_range=(0, 2), y_range=(0, 2)), lambda: Table([["a", "b"]])],
)
def test_copies_equal_those_of_deepcopy(make: Any) -> None:
    mobject = make()
    ours, theirs = mobject.copy(), stock_copy(mobject)
    assert_same_structure(ours, theirs, {})
    assert ours.original_id == theirs.original_id == str(id(mobject))
    originals = {id(member) for member in mobject.get_family()}
    assert not originals & {id(member) for member in ours.get_family()}
    assert not np.shares_memory(ours.get_family()[-1].points, mobject.get_family()[-1].points)


def test_a_copy_of_the_scene_that_holds_a_mobject_shares_the_memo() -> None:
    dot = Dot()
    group, again = copy.deepcopy([VGroup(dot), dot])
    assert group[0] is again is not dot
    memo: dict[int, Any] = {id(dot): "taken"}
    assert copy.deepcopy(VGroup(dot), memo).submobjects == ["taken"]


def test_an_exception_of_a_copied_object_propagates() -> None:
    class Refuses:
        def __deepcopy__(self, memo: Any) -> None:
            raise KeyError("no copies")

    dot = Dot()
    dot.refuses = [Refuses()]
    with pytest.raises(KeyError, match="no copies"):
        dot.copy()


def test_an_endless_nest_raises_as_with_manim() -> None:
    nest: list[Any] = []
    for _ in range(100_000):
        nest = [nest]
    dot = Dot()
    dot.nest = nest
    with pytest.raises(RecursionError):
        dot.copy()


def test_a_dict_that_grows_while_it_is_copied_raises_as_with_manim() -> None:
    class Grows:
        def __deepcopy__(self, memo: Any) -> Grows:
            dot.grown = len(vars(dot))
            return self

    dot = Dot()
    dot.grows, dot.last = Grows(), 1
    with pytest.raises(RuntimeError, match="changed size"):
        dot.copy()


@pytest.mark.parametrize(
    "arguments", [(), (1,), (1, {}, {}, len), (Dot(), [], {}, len), (Dot(), {}, {Dot: "x"}, len)]
)
def test_misuse_raises(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, AttributeError, KeyError)):
        copy_mobject(*arguments)


def test_another_memo_than_a_dict_is_left_to_manim() -> None:
    class Memo(dict):
        pass

    assert fast_copy.deepcopy_mobject(Dot(), Memo()).points.shape == Dot().points.shape
