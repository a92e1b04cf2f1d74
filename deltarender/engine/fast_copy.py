"""Copies of mobjects, with the results of `copy.deepcopy`, which Manim uses for them.

It calls Python five times for each of the hundreds of values that a mobject holds.
"""

from __future__ import annotations

import copy
import copyreg
import types
import weakref
from enum import Enum
from typing import Any

import numpy as np
from manim import Mobject

from deltarender import _native
from deltarender._native import (
    COPY_ARRAY,
    COPY_DICT,
    COPY_INSTANCE,
    COPY_LIST,
    COPY_MOBJECT,
    COPY_NOTHING,
    COPY_OTHERWISE,
    COPY_TUPLE,
)

_deepcopy_mobject: Any = vars(Mobject)["__deepcopy__"]  # the original

# What copy.deepcopy copies by a function of its own; other classes must not be among these.
_BUILTIN_KINDS = {list: COPY_LIST, tuple: COPY_TUPLE, dict: COPY_DICT, np.ndarray: COPY_ARRAY}
_SHARED = (
    type(None), int, float, bool, complex, bytes, str, types.CodeType, range, property,
    types.BuiltinFunctionType, types.FunctionType, weakref.ref, type(Ellipsis),
    np.float64, np.float32, np.int64, np.int32, np.bool_,
)  # fmt: skip


class _Plain:
    """A class of which an instance has a dict and nothing else."""


class _CopyKinds(dict[type, int]):
    """Maps a class to a COPY_ constant, found on first access."""

    def __missing__(self, cls: type) -> int:
        self[cls] = kind = _kind_of(cls)
        return kind


COPY_KINDS = _CopyKinds(_BUILTIN_KINDS | dict.fromkeys(_SHARED, COPY_NOTHING))


def deepcopy_mobject(self: Any, clone_from_id: dict[int, Any]) -> Any:
    """Manim's `Mobject.__deepcopy__`."""
    if type(clone_from_id) is not dict:
        return _deepcopy_mobject(self, clone_from_id)
    return _native.copy_mobject(self, clone_from_id, COPY_KINDS, copy.deepcopy)


def _kind_of(cls: Any) -> int:
    if issubclass(cls, type) or _is_plain_enum(cls):
        return COPY_NOTHING
    if cls in copy._deepcopy_dispatch or cls in copyreg.dispatch_table:  # type: ignore[attr-defined]
        return COPY_OTHERWISE
    copies_itself = getattr(cls, "__deepcopy__", None)
    if copies_itself in (_deepcopy_mobject, deepcopy_mobject):
        return COPY_MOBJECT
    return COPY_INSTANCE if copies_itself is None and _has_only_a_dict(cls) else COPY_OTHERWISE


def _is_plain_enum(cls: Any) -> bool:
    """Whether the members of an enumeration are their own copies."""
    names = ("__deepcopy__", "__reduce_ex__", "__new__")
    return issubclass(cls, Enum) and all(
        getattr(cls, name, None) is getattr(Enum, name, None) for name in names
    )


def _has_only_a_dict(cls: Any) -> bool:
    """Whether pickling, and so copying, an instance means to copy its dict."""
    unchanged = ("__reduce_ex__", "__reduce__", "__getstate__", "__new__", "__getattribute__")
    absent = ("__setstate__", "__getnewargs__", "__getnewargs_ex__", "__getattr__")
    return (
        all(getattr(cls, name) is getattr(object, name) for name in unchanged)
        and not any(hasattr(cls, name) for name in absent)
        and not copyreg._slotnames(cls)  # type: ignore[attr-defined]
        and (cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__)
        == (_Plain.__basicsize__, _Plain.__itemsize__, _Plain.__dictoffset__)
    )
