"""Which workers may render: those whose environment equals that of this machine."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deltarender.distributed import environment
from deltarender.json_checks import mapping, text
from deltarender.own_packages import PACKAGE

ANSWER_TIMEOUT_S = 60
MAX_ANSWER_BYTES = 1_000_000

ALWAYS = ("manim", "distributed")  # also where it is not installed, but run from a checkout

_check_facts = mapping(text(200), key=text(200), most=10_000)


@dataclass(frozen=True, slots=True)
class Scope:
    """What has to be equal on all machines.

    These are the versions of all that this distribution and its `extras` require, directly or not,
    and the source of `packages`.
    """

    extras: tuple[str, ...] = ("cluster",)
    packages: tuple[str, ...] = (PACKAGE,)

    def __add__(self, other: Scope) -> Scope:
        return Scope(
            tuple(dict.fromkeys(self.extras + other.extras)),
            tuple(dict.fromkeys(self.packages + other.packages)),
        )

    @property
    def libraries(self) -> tuple[str, ...]:
        """The distributions whose versions have to be equal; those not installed here are none."""
        return _libraries(self.extras)


@cache
def _libraries(extras: tuple[str, ...]) -> tuple[str, ...]:
    # What this package was installed with; nothing where it only runs from a checkout.
    own = set(importlib.metadata.packages_distributions().get(PACKAGE, ()))
    needed = _required(sorted(own), extras) | _required(ALWAYS, ())
    return tuple(sorted(needed - {canonicalize_name(name) for name in own}))


def _required(distributions: Sequence[str], extras: Sequence[str]) -> set[str]:
    """`distributions`, and all installed ones that they require; `extras` are of the first."""
    waiting = [(canonicalize_name(name), "") for name in distributions]
    waiting += [(name, extra) for name, _ in waiting for extra in extras]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        try:
            texts = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        seen.add((name, extra))
        for requirement in map(Requirement, texts):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                needed = canonicalize_name(requirement.name)
                found = [(needed, each) for each in ("", *requirement.extras)]
                waiting += [pair for pair in found if pair not in seen]
    return {name for name, _ in seen}


def question(scope: Scope) -> str:
    """A Python expression that a worker evaluates to its environment report, as JSON bytes.

    Where the report fails, it evaluates to the end of the error's traceback.

    It is text because nothing of a worker that differs can be relied on, not even that its Python
    can run functions of this one.
    """
    source = Path(environment.__file__).read_text()
    argument = json.dumps([scope.libraries, scope.packages])
    return (
        "(lambda done: done.stdout or done.stderr[-2000:])(__import__('subprocess').run("
        f"[__import__('sys').executable, '-c', {source!r}, {argument!r}], "
        f"capture_output=True, timeout={ANSWER_TIMEOUT_S}))"
    )


def own_answer(scope: Scope) -> dict[str, str]:
    """The facts of this machine, found in the same way: in a process that has done nothing else."""
    facts: dict[str, str] = json.loads(eval(question(scope)))
    return facts


def objections(answer: object, own: Mapping[str, str]) -> list[str]:
    """The differences between a worker's answer and `own`, in words; empty if there are none."""
    if not isinstance(answer, bytes) or len(answer) > MAX_ANSWER_BYTES:
        return ["it does not tell what it has"]
    try:
        theirs = json.loads(answer)
        _check_facts(theirs, "it")
    except (ValueError, RecursionError):
        lines = answer.decode(errors="replace").strip().splitlines()
        return [f"it cannot tell what it has ({lines[-1][:200] if lines else 'no answer'})"]
    return [
        f"{name} is {theirs.get(name, 'absent')} there and {fact} here"
        for name, fact in own.items()
        if theirs.get(name, "absent") != fact
    ]
