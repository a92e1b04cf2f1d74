"""Manim's question to an updater: the same answer, and a quick one."""

from __future__ import annotations

import inspect

from manim import Mobject
from manim.mobject import mobject

from gradreel.rendering import signatures


class Counter:
    """An updater that is an object."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def __call__(self, one: Mobject, dt: float) -> None:
        self.seen.append(dt)


def test_updaters_of_every_kind_are_called_as_before(monkeypatch) -> None:
    monkeypatch.setitem(vars(mobject), "inspect", inspect)
    signatures.install()
    thing, calls, counter = Mobject(), [], Counter()
    thing.add_updater(lambda m: calls.append(m))
    thing.add_updater(lambda m, dt: calls.append(dt))
    thing.add_updater(counter)
    thing.add_updater(counter.__call__)
    for _ in range(2):
        thing.update(0.25)
    assert calls == [thing, 0.25, thing, 0.25]
    assert counter.seen == [0.25] * 4
    assert mobject.inspect.isfunction(calls.append) is inspect.isfunction(calls.append)


def test_a_signature_is_found_once(monkeypatch) -> None:
    asked = []

    def counted(function, **options):
        asked.append(function)
        return real(function, **options)

    real = inspect.signature
    monkeypatch.setattr(inspect, "signature", counted)
    memory = signatures._Inspect()

    def updater(thing, dt):
        return dt

    assert memory.signature(updater) == memory.signature(updater) == real(updater)
    assert asked == [updater]
