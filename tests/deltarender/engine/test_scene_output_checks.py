"""What a scene hands over is checked: text that can be written, manifests that are JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import srt

from deltarender.engine.scene_output_checks import (
    CheckedSubcaptions,
    require_manifest,
    require_text,
)
from deltarender.errors import RenderError

BEAT = {"name": "one", "say": "", "start": 0.0, "end": 1.0, "loop": False, "numbers": []}
MANIFEST: dict[str, Any] = {"scene": "Main", "inputs": {}, "beats": [BEAT], "claim": "∂"}


def subtitle(content: Any) -> srt.Subtitle:
    return srt.Subtitle(1, timedelta(0), timedelta(seconds=1), content)


@pytest.mark.parametrize("value", [b"x", 3, None, "a\ud800", ["x"]])
def test_only_text_that_can_be_written_is_accepted(value: Any) -> None:
    with pytest.raises(RenderError, match="the name of a section") as error:
        require_text("the name of a section", value)
    str(error.value).encode()
    subcaptions = CheckedSubcaptions()
    for add in (
        subcaptions.append, lambda s: subcaptions.extend([s]), lambda s: subcaptions.insert(0, s),
    ):  # fmt: skip
        with pytest.raises(RenderError, match="a subcaption"):
            add(subtitle(value))
    assert subcaptions == []
    subcaptions.append(subtitle("fine ∂"))
    assert len(subcaptions) == 1


@pytest.mark.parametrize(
    "manifest",
    [
        None, {}, *[{**MANIFEST, **wrong} for wrong in (
            {"beats": 3}, {"inputs": {1, 2}}, {"claim": b"x"}, {"claim": "\ud800"},
            {"beats": [{**BEAT, "name": 3}]}, {"beats": [{**BEAT, "say": None}]},
            {"beats": [{**BEAT, "end": float("nan")}]}, {"beats": [{"name": "one"}]},
        )],
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_used_is_refused(manifest: Any) -> None:
    with pytest.raises(RenderError, match=r"manifest\(\)") as error:
        require_manifest(manifest)
    str(error.value).encode()


def test_a_valid_manifest_is_passed_on() -> None:
    assert require_manifest(MANIFEST) == MANIFEST
