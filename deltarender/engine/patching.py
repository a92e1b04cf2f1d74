"""Reversible replacement of attributes of other packages' classes and modules.

Every replacement that the renderer makes in Manim or in another library is a `Patch`, applied and
reverted by this module. The tables are in manim_patches.py and asset_read_hooks.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

MANIM_VERSION = "0.22.0"


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """One attribute of a class or module and its replacement.

    `owner` defines `attribute` itself (an inherited attribute is a KeyError). `reason` says why it
    is replaced, `test` is the pytest id of the test that compares it with the original, and
    `manim_version` is the version of Manim that it was written for. `original` is read from
    `owner` when the Patch is constructed.
    """

    owner: Any
    attribute: str
    replacement: Any
    reason: str
    test: str
    manim_version: str = MANIM_VERSION
    original: Any = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "original", vars(self.owner)[self.attribute])

    @property
    def current(self) -> Any:
        """What `owner` has now; None if the attribute was deleted."""
        return vars(self.owner).get(self.attribute)


def apply(patches: Iterable[Patch]) -> None:
    """Install replacements. An attribute that is not the original any more is left alone.

    It may be replaced already, or a scene's file may have replaced it with its own version.
    """
    for patch in patches:
        if patch.current is patch.original:
            setattr(patch.owner, patch.attribute, patch.replacement)


def revert(patches: Iterable[Patch]) -> None:
    """Put the originals back wherever the replacement is still installed."""
    for patch in patches:
        if patch.current is patch.replacement:
            setattr(patch.owner, patch.attribute, patch.original)


@contextmanager
def applied(*patches: Patch) -> Iterator[None]:
    """Install replacements for the duration of a block."""
    apply(patches)
    try:
        yield
    finally:
        revert(patches)
