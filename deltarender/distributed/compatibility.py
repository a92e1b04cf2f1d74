"""Which workers may render: those whose environment equals that of this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltarender.distributed import environment

ANSWER_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Scope:
    """What has to be equal on all machines: versions of `libraries`, source of `packages`."""

    libraries: tuple[str, ...] = (
        "manim", "numpy", "typst", "av", "pycairo", "manimpango", "pillow", "skia-pathops",
        "svgelements", "mapbox-earcut", "distributed",
    )  # fmt: skip
    packages: tuple[str, ...] = ("deltarender",)

    def __add__(self, other: Scope) -> Scope:
        return Scope(
            tuple(dict.fromkeys(self.libraries + other.libraries)),
            tuple(dict.fromkeys(self.packages + other.packages)),
        )


def question(scope: Scope) -> str:
    """A Python expression that a worker evaluates to (stdout, stderr) of its environment report.

    It is text because nothing of a worker that differs can be relied on, not even that its Python
    can run functions of this one.
    """
    source = Path(environment.__file__).read_text()
    argument = json.dumps([scope.libraries, scope.packages])
    return (
        "(lambda done: (done.stdout, done.stderr))(__import__('subprocess').run("
        f"[__import__('sys').executable, '-c', {source!r}, {argument!r}], "
        f"capture_output=True, text=True, timeout={ANSWER_TIMEOUT_S}))"
    )


def own_answer(scope: Scope) -> dict[str, str]:
    """The facts of this machine, found in the same way: in a process that has done nothing else."""
    facts: dict[str, str] = json.loads(eval(question(scope))[0])
    return facts


def objections(answer: Any, own: Mapping[str, str]) -> list[str]:
    """The differences between a worker's answer and `own`, in words; empty if there are none."""
    try:
        theirs = json.loads(answer[0])
    except (TypeError, ValueError, IndexError):
        last = str(answer[1]).strip().splitlines() if isinstance(answer, (tuple, list)) else []
        return [f"it cannot tell what it has ({last[-1] if last else answer})"]
    return [
        f"{name} is {theirs.get(name, 'absent')} there and {fact} here"
        for name, fact in own.items()
        if theirs.get(name, "absent") != fact
    ]
