"""Which workers may render: those that have what this machine has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deltarender.distributed import environment

ANSWER_TIMEOUT_S = 120  # seconds a worker has to tell what it has


def question() -> str:
    """A Python expression that a worker evaluates to (stdout, stderr) of the fingerprint.

    As text, because nothing that a differing worker has can be relied on, not even that functions
    of this Python can be run by its own.
    """
    source = Path(environment.__file__).read_text()
    return (
        "(lambda done: (done.stdout, done.stderr))(__import__('subprocess').run("
        f"[__import__('sys').executable, '-c', {source!r}], "
        f"capture_output=True, text=True, timeout={ANSWER_TIMEOUT_S}))"
    )


def own_answer() -> dict[str, str]:
    """What this machine has, found in the same way: in a process that has done nothing else."""
    facts: dict[str, str] = json.loads(eval(question())[0])
    return facts


def objections(answer: Any, own: Mapping[str, str]) -> list[str]:
    """What differs between an answer to the question and `own`, in words; empty if nothing."""
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
