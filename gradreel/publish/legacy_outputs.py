"""Recognises films of earlier versions, which kept no record of the files they wrote.

A film counts as ours if the list of chapters beside it is exactly the one that its own chapters
give, and a caption file if it says what the film's subtitle track says. A file that was changed
since is not recognised, and so is not replaced.
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
from gradreel.publish.chapters import youtube_chapters
from gradreel.publish.mux_film import ChapterMark

_CUE_TIMES = re.compile(r"^[\d:.]+ --> [\d:.]+$", re.M)


class LegacyFilm:
    """The film at `video`, which an earlier version may have written."""

    def __init__(self, video: Path) -> None:
        self.video = video

    def owns(self, path: Path) -> bool:
        """Whether an earlier version wrote the film, and `path` is the film or belongs to it."""
        with contextlib.suppress(OSError, ValueError, srt.SRTParseError):
            if not self._chapters_match:
                return False
            ending = path.name.removeprefix(self.video.stem)
            if ending == ".png":
                with Image.open(path) as poster:
                    return poster.size == self._size
            if ending in (".srt", ".vtt"):
                return self._captions_match(path.read_text(), ending)
            return True
        return False

    @cached_property
    def _chapters_match(self) -> bool:
        chapter_list = self.video.with_name(self.video.stem + ".chapters.txt")
        if self.video.is_symlink() or not self.video.is_file() or not chapter_list.is_file():
            return False
        with av.open(str(self.video)) as source:
            marks = [_chapter_mark(chapter) for chapter in source.chapters()]
        return bool(marks) and chapter_list.read_text() == youtube_chapters(marks)

    @cached_property
    def _size(self) -> tuple[int, int]:
        """Width and height in pixels."""
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

    def _captions_match(self, text: str, ending: str) -> bool:
        """Whether `text` holds the captions of the subtitle track.

        Times are not compared, because the track and the file round them differently.
        """
        if ending == ".srt":
            expected = [srt.make_legal_content(caption) for caption in self._captions]
            return [cue.content for cue in srt.parse(text)] == expected
        cues = [srt.Subtitle(1, timedelta(0), timedelta(0), caption) for caption in self._captions]
        return _CUE_TIMES.sub("", text) == _CUE_TIMES.sub("", as_vtt(cues))


def _chapter_mark(chapter: Any) -> ChapterMark:
    start, end = (float(chapter[key] * chapter["time_base"]) for key in ("start", "end"))
    return ChapterMark(start, end, chapter["metadata"].get("title", ""))
