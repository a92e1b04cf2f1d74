"""What a lecture says, as a page to read, and as a catalogue to translate.

page = script_page(lecture, manifests)          # Markdown: every sentence with scene and time
raw = catalogue_template(lecture, manifests)    # PO: every sentence as the scenes wrote it
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradreel.publish.chapters import format_time
from gradreel.publish.lecture_file import Lecture
from gradreel.translate.catalogue import DECIMAL_FIELD
from gradreel.translate.po_file import Message, format_po
from gradreel.translate.scene_texts import scene_texts

Manifest = Mapping[str, Any]
PART = "Part {number}"  # beneath the title of a chapter
FUZZY_LIKENESS = 0.75
HEADER = {
    "MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit", "Language": "", DECIMAL_FIELD: ".",
}  # fmt: skip


def script_page(lecture: Lecture, manifests: Sequence[Manifest]) -> str:
    """The script as Markdown; `manifests` are those of the scenes of `lecture`, in its order."""
    lines = [f"# {lecture.title}: the script", ""]
    lines += ["Every sentence of the lecture, with its time in the scene as it is without a voice."]
    lines += ["`make golden` writes this page.", ""]
    rows = iter(manifests)
    for chapter in lecture.chapters:
        lines += [f"## {chapter.title}", ""] if chapter.title else []
        lines += [f"- {chapter.says}", ""] if chapter.says else []
        for _, manifest in zip(chapter.parts, rows, strict=False):
            lines += [script_of_scene(manifest)]
    return "\n".join(lines)


def script_of_scene(manifest: Manifest) -> str:
    """One scene of the script: its claim, and the sentences of each beat."""
    lines = [f"### {manifest['scene']}: {manifest['claim']}", ""]
    for beat in manifest["beats"]:
        if beat.get("sentences"):
            lines += [f"*{beat['name']}*", ""]
            lines += [f"- {format_time(int(s['start']))} {s['text']}" for s in beat["sentences"]]
            lines += [""]
    return "\n".join(lines)


def catalogue_template(
    lecture: Lecture,
    manifests: Sequence[Manifest],
    header: Mapping[str, str] | None = None,
    known: Sequence[Message] = (),
) -> str:
    """A catalogue of all that `lecture` says, as a PO file.

    `header` and `known` are those of an earlier catalogue, whose translations are kept. What was
    only reworded since keeps its translation as fuzzy, for the translator to revise.
    """
    earlier = {message.text: message for message in known}
    texts = _texts(lecture, manifests)
    vanished = [text for text in earlier if text not in texts and earlier[text].translation]
    messages = []
    for text, comments in texts.items():
        message = Message(text, comments=tuple(comments))
        like = difflib.get_close_matches(text, vanished, 1, FUZZY_LIKENESS)
        if text in earlier:
            before = earlier[text]
            message = replace(before, comments=message.comments)
        elif like:
            message = replace(message, translation=earlier[like[0]].translation, fuzzy=True)
        messages.append(message)
    return format_po({**HEADER, **(header or {})}, messages)


def _texts(lecture: Lecture, manifests: Sequence[Manifest]) -> dict[str, list[str]]:
    """Every text of a lecture in order, and where it is said."""
    texts: dict[str, list[str]] = {}
    for text, comment in _occurrences(lecture, manifests):
        if text.strip():
            comments = texts.setdefault(text, [])
            if comment not in comments:
                comments.append(comment)
    return texts


def _occurrences(lecture: Lecture, manifests: Sequence[Manifest]) -> Iterator[tuple[str, str]]:
    yield lecture.title, "the title of the film"
    yield lecture.subtitle, "the subtitle of the film"
    yield PART, "the number of a chapter, on its title card"
    for chapter in lecture.chapters:
        yield chapter.title, "the title of a chapter"
        yield chapter.says, f"said under the title {chapter.title}"
    for manifest in manifests:
        yield from scene_texts(manifest)
