"""Where the lecture says what its source text says, as a page made from the script.

    script = read_script(Path("docs/script.md").read_text("utf-8"))
    page = coverage_page(read_items(Path("docs/coverage.toml")), script)

The items of the source text are bound to beats by name, and the glossary to what is said.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradreel.errors import UsageError, unknown_name

Place = tuple[str, str]
"""A scene and one of its beats."""


@dataclass(frozen=True, slots=True)
class SourceItem:
    """Something that the source text says, and the beats that teach it."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class SourceText:
    """All items of the source text, and the terms that the lecture has to say."""

    items: tuple[SourceItem, ...]
    glossary: tuple[str, ...]


@dataclass(slots=True)
class SpokenBeat:
    """A beat of the script: its scene, and its sentences with the times at which they begin."""

    scene: str
    name: str
    sentences: list[tuple[str, str]] = field(default_factory=list)


def read_items(path: Path) -> SourceText:
    """The source text as it is listed in a TOML file. Raises UsageError for another file."""
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        items = tuple(
            SourceItem(row["text"], tuple((scene, beat) for scene, beat in row["places"]))
            for row in raw["item"]
        )
        return SourceText(items, tuple(raw["glossary"]))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"not a list of items: {error}.",
            where=str(path),
            hint='Write [[item]] tables with `text` and `places = [["Scene", "beat"]]`.',
        ) from None


def read_script(page: str) -> list[SpokenBeat]:
    """The beats of a script page, in the order of the lecture."""
    beats: list[SpokenBeat] = []
    scene = ""
    for line in page.splitlines():
        if match := re.fullmatch(r"### (\w+): .*", line):
            scene = match[1]
        elif match := re.fullmatch(r"\*(.+)\*", line):
            beats.append(SpokenBeat(scene, match[1]))
        elif (match := re.fullmatch(r"- (\d+:\d\d) (.+)", line)) and beats:
            beats[-1].sentences.append((match[1], match[2]))
    return beats


def coverage_page(source: SourceText, script: Sequence[SpokenBeat]) -> str:
    """The page as Markdown.

    Raises UsageError for an item without a beat, a beat that the script does not have, and a term
    that is never said.
    """
    rows = [f"| {item.text} | {_places(item, script)} |" for item in source.items]
    terms = [f"| {term} | {_first_said(term, script)} |" for term in source.glossary]
    return "\n".join(
        [
            "# What the lecture covers", "",
            "Where each item of the course text is taught: the scene, and the time in it without a",
            "voice. `make golden` writes this page from docs/script.md and docs/coverage.toml.", "",
            "| item | scene and time |", "| --- | --- |", *rows, "",
            "## Glossary", "", "Where each term is first said.", "",
            "| term | scene and time |", "| --- | --- |", *terms, "",
        ]
    )  # fmt: skip


def _places(item: SourceItem, script: Sequence[SpokenBeat]) -> str:
    if not item.places:
        raise UsageError(f"no beat teaches {item.text!r}.", hint="Name one in `places`.")
    return ", ".join(_time_of(item, place, script) for place in item.places)


def _time_of(item: SourceItem, place: Place, script: Sequence[SpokenBeat]) -> str:
    scene, name = place
    beats = {beat.name: beat for beat in script if beat.scene == scene and beat.sentences}
    if not beats:
        scenes = list(dict.fromkeys(beat.scene for beat in script))
        raise unknown_name("scene", scene, scenes, where=item.text)
    if name not in beats:
        raise unknown_name("beat", name, beats, where=f"{item.text}, {scene}")
    return f"{scene} {beats[name].sentences[0][0]}"


def _first_said(term: str, script: Sequence[SpokenBeat]) -> str:
    for beat in script:
        for time, sentence in beat.sentences:
            if says(sentence, term):
                return f"{beat.scene} {time}"
    raise UsageError(f"the lecture never says {term!r}.", hint="Say it where it is first needed.")


def says(sentence: str, term: str) -> bool:
    """Whether a sentence has a term, in the singular or plural, or another form of a verb."""
    stem = re.escape(term.removesuffix("e") if len(term) > 4 else term)
    stem = re.sub(r"\\[ -]", "[ -]", stem)
    return re.search(rf"(?<![A-Za-z]){stem}", sentence, re.IGNORECASE) is not None
