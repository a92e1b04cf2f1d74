"""Reads and writes catalogues in gettext's PO form, of messages without context and plural.

#. TangentLine, "the slope answers"
msgid "Here the slope is {slope}."
msgstr "Hier ist die Steigung {slope}."
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradreel.errors import UsageError

_KEYWORD = re.compile(r"(msgid|msgstr)\s+(?=\")")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Message:
    """A text and its translation, "" if it has none.

    `comments` say where the text is, `remarks` are the translator's. `line` is that of its msgid in
    the file. A fuzzy translation is one that has to be revised.
    """

    text: str
    translation: str = ""
    comments: tuple[str, ...] = ()
    line: int = 0
    fuzzy: bool = False
    remarks: tuple[str, ...] = ()


def parse_po(raw: str, where: str) -> tuple[dict[str, str], list[Message]]:
    """The header fields and the messages of a PO file. Raises UsageError with the line."""
    entries = [Message("")]
    fields = {"msgid": "", "msgstr": ""}
    keyword = ""
    comments: list[str] = []  # of the message that follows
    above: list[str] = []  # of the message that is being read
    line = 0

    def complete() -> None:
        if keyword:
            entries.append(_message(fields["msgid"], fields["msgstr"], above, line))

    for number, row in enumerate(raw.removeprefix("\ufeff").splitlines(), 1):
        row = row.strip()
        if not row or row.startswith("#"):
            comments += [row] if row else []
            continue
        if match := _KEYWORD.match(row):
            if match.group(1) == "msgid":
                complete()
                fields = {"msgid": "", "msgstr": ""}
                above, comments, line = comments, [], number
            keyword, row = match.group(1), row[match.end() :]
        if not keyword or not _STRING.fullmatch(row):
            raise UsageError(
                f"this is not understood: {row[:60]}", where=f"{where}, line {number}",
                hint='A catalogue has lines msgid "..." and msgstr "...", without plurals.',
            )  # fmt: skip
        fields[keyword] += _unquoted(row)
    complete()
    messages = [message for message in entries if message.text]
    header = next((m.translation for m in entries if not m.text and m.translation), "")
    return _header_fields(header), messages


def _message(text: str, translation: str, above: Sequence[str], line: int) -> Message:
    """A message with what the comments above it say."""
    fuzzy = any(row.startswith("#,") and "fuzzy" in row for row in above)
    comments, remarks = (
        tuple(row[2:].strip() for row in above if row[:2].strip() == mark) for mark in ("#.", "#")
    )
    return Message(text, translation, comments, line, fuzzy, remarks)


def _unquoted(row: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), row[1:-1])


def _header_fields(header: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in header.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def format_po(header: Mapping[str, str], messages: Iterable[Message]) -> str:
    """A PO file of these header fields and messages."""
    lines = ['msgid ""', 'msgstr ""']
    lines += [_quoted(f"{name}: {value}\n") for name, value in header.items()]
    for message in messages:
        lines += ["", *(f"# {remark}" for remark in message.remarks)]
        lines += [f"#. {comment}" for comment in message.comments]
        lines += ["#, fuzzy"] if message.fuzzy else []
        lines += [f"msgid {_quoted(message.text)}", f"msgstr {_quoted(message.translation)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # JSON escapes quotes, backslashes and line breaks as PO does.
    return json.dumps(text, ensure_ascii=False)
