"""The text of a lecture file, and in which line of it something stands: tomllib does not say."""

from __future__ import annotations

import re
from pathlib import Path


class LocatedText:
    """The text of a file; searches begin at `offset`, the start of the table being parsed."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        # Comments are removed, so that a search finds no key in them.
        self.text = re.sub(r"(?m)^([^#\"'\n]*)#.*$", r"\1", text)
        self.offset = 0

    def locate_key(self, key: str) -> str:
        """The line that sets `key`, or that begins the table `key`, from `offset` on."""
        name = rf"[\"']?{re.escape(key)}[\"']?"
        return self.line_of(self.search(rf"(?<![\w.-]){name}\s*=|^\s*\[+\s*{name}\s*\]"))

    def search(self, pattern: str) -> re.Match[str] | None:
        """The first match from `offset` on."""
        return re.compile(pattern, re.M).search(self.text, self.offset)

    def line_of(self, match: re.Match[str] | None) -> str:
        """The file and the line of a match; without one, those of `offset`."""
        at = match.end() if match else self.offset
        if match is None and not at:
            return str(self.path)
        return f"{self.path}, line {self.text.count(chr(10), 0, at) + 1}"

    def chapter_offset(self, number: int) -> int:
        """Where the table of chapter `number`, from 1, starts in the text."""
        heads = [m.end() for m in re.finditer(r"(?m)^\s*\[\[\s*chapter\s*\]\]", self.text)]
        return heads[number - 1] if number <= len(heads) else 0
