"""Films of earlier versions, which kept no record of their files: known by what they hold.

The list of chapters beside such a film is exactly what its own chapters give, and its captions are
those of its subtitle track. What was changed since is not recognised, and so is not replaced.
"""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import srt
from PIL import Image

from deltarender.encoding.subtitles import as_vtt
from gradreel.publish.chapters import youtube
from gradreel.publish.mux_film import ChapterMark

_CLOCK = re.compile(r"^[\d:.]+ --> [\d:.]+$", re.M)


class Film:
    """The film at a place, if an earlier version made it."""

    def __init__(self, video: Path) -> None:
        self.video = video

    def made(self, path: Path) -> bool:
        """Whether `path` is the film or one of the files written with it."""
        with contextlib.suppress(OSError, ValueError, srt.SRTParseError):
            if not self._is_ours:
                return False
            ending = path.name.removeprefix(self.video.stem)
            if ending == ".png":
                with Image.open(path) as picture:
                    return picture.size == self._size
            if ending in (".srt", ".vtt"):
                return self._says_the_same(path.read_text(), ending)
            return True
        return False

    @cached_property
    def _is_ours(self) -> bool:
        listed = self.video.with_name(self.video.stem + ".chapters.txt")
        if self.video.is_symlink() or not self.video.is_file() or not listed.is_file():
            return False
        with av.open(str(self.video)) as source:
            marks = [_mark(chapter) for chapter in source.chapters()]
        return bool(marks) and listed.read_text() == youtube(marks)

    @cached_property
    def _size(self) -> tuple[int, int]:
        with av.open(str(self.video)) as source:
            context = source.streams.video[0].codec_context
            return context.width, context.height

    @cached_property
    def _captions(self) -> list[str]:
        with av.open(str(self.video)) as source:
            if not source.streams.subtitles:
                return []
            samples = [bytes(packet) for packet in source.demux(source.streams.subtitles[0])]
        # Each sample is a length in two bytes and text; an empty one clears the picture.
        texts = [raw[2 : 2 + int.from_bytes(raw[:2], "big")].decode() for raw in samples]
        return [text for text in texts if text]

    def _says_the_same(self, text: str, ending: str) -> bool:
        """Whether captions are those of the subtitle track; times are rounded differently."""
        said = [srt.make_legal_content(words) for words in self._captions]
        if ending == ".srt":
            return [line.content for line in srt.parse(text)] == said
        lines = [srt.Subtitle(1, timedelta(0), timedelta(0), words) for words in self._captions]
        return _CLOCK.sub("", text) == _CLOCK.sub("", as_vtt(lines))


def _mark(chapter: Any) -> ChapterMark:
    start, end = (float(chapter[key] * chapter["time_base"]) for key in ("start", "end"))
    return ChapterMark(start, end, chapter["metadata"].get("title", ""))
