"""The size and rate that a scene's file sets for itself, read from its source.

    config.pixel_width, config.pixel_height = 540, 960
    config["frame_rate"] = 24

Manim executes such lines after it has read the options, so they win, and output folders are named
after what they set. Only constants at the top level of a file are seen here. Standard library only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from deltarender.errors import UsageError
from deltarender.jobs import Job
from deltarender.scene_files import parse_file

_FIELDS = {"pixel_width": "width", "pixel_height": "height", "frame_rate": "fps"}


def with_own_size(job: Job) -> Job:
    """`job` with the size and rate that its file sets; unchanged if no file can have these."""
    try:
        set_here: dict[str, Any] = dict(_assignments(parse_file(job.target.file)))
        return replace(job, profile=replace(job.profile, **set_here)) if set_here else job
    except UsageError:
        return job  # rendering it says why


def _assignments(tree: ast.Module) -> Iterator[tuple[str, float]]:
    """Fields of RenderSettings and their values, as the file sets them."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, float]]:
    name = _config_name(target)
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its_value in zip(target.elts, value.elts, strict=False):
            yield from _assigned(one, its_value)
    elif name == "frame_size" and isinstance(value, (ast.Tuple, ast.List)):
        for field, its_value in zip(("width", "height"), value.elts, strict=False):
            yield from _constant(field, its_value)
    elif name in _FIELDS:
        yield from _constant(_FIELDS[name], value)


def _constant(field: str, value: ast.expr) -> Iterator[tuple[str, float]]:
    if isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
        yield field, value.value


def _config_name(target: ast.expr) -> str:
    """The key of `config.key` or `config["key"]`; "" for anything else."""
    if isinstance(target, ast.Attribute):
        owner, key = target.value, target.attr
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        owner, key = target.value, str(target.slice.value)
    else:
        return ""
    return key if isinstance(owner, ast.Name) and owner.id == "config" else ""
