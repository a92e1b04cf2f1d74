"""Which line changed a saved tensor in place, where torch only says that one was changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradreel.record.value_nodes import ValueNode

_MESSAGE = re.compile(r"modified by an inplace operation.*?output \d+ of (\w+)", re.S)


def in_place_hint(message: str, value_nodes: Sequence[ValueNode]) -> str:
    """The value that was changed and the line of the change; "" for any other message."""
    match = _MESSAGE.search(message)
    if match is None:
        return ""
    kind = match.group(1).partition("Backward")[0]
    for k, saved in enumerate(value_nodes):
        if not saved.name or saved.op.partition("Backward")[0] != kind:
            continue
        for later in value_nodes[k + 1 :]:
            if later.name == saved.name and saved in later.inputs:
                return (
                    f"Line {later.line} changed {saved.name} in place, which {kind} saved in line "
                    f"{saved.line} for its backward formula. Make a new value there instead."
                )
    return ""
