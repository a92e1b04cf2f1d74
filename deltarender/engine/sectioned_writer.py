"""The part of all our file writers that concerns sections, and what is placed in time.

It knows the first frame of each section, checks the texts that a scene hands over, and puts sounds
where they are in the video, from which the time of skipped sections is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import srt
from manim.scene.scene_file_writer import SceneFileWriter

from deltarender.encoding.rect import Rect
from deltarender.engine.scene_output_checks import CheckedSubcaptions, require_text
from deltarender.engine.skip_aware_renderer import SkipAwareRenderer


class SectionedWriter(SceneFileWriter):
    """A file writer with `section_starts`: the name and the first frame of each section.

    `frames` is the number of frames so far. `renderer` is the scene's, set once it exists.
    """

    def __init__(self, settings: Any) -> None:
        self.frames = 0
        self.section_starts: list[tuple[str, int]] = []
        self.renderer: SkipAwareRenderer | None = None
        super().__init__(settings)
        self.subcaptions: list[srt.Subtitle] = CheckedSubcaptions()

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        """Begin a section."""
        require_text("the name of a section", name)
        self.section_starts.append((name, self.frames))
        if self.renderer is not None:
            # Manim changes it with the first play of the section, and until then drops sounds
            # after a skipped section, and plays those of a skipped one.
            self.renderer.skip_animations = skip_animations
        super().next_section(name, type_, skip_animations)

    def add_sound(
        self, sound_file: Any, time: float | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Add a sound at `time` in seconds of the scene."""
        if time is not None and self.renderer is not None:
            time = self.renderer.skipped.in_video(time)
        super().add_sound(sound_file, time, *args, **kwargs)


class CountingWriter(SectionedWriter):
    """Manim's own file writer, which counts the frames that it writes.

    Its encoder gets whole frames, which it reads later: copies of what the renderer draws on.
    """

    def write_changes(self, pixels: Any, rects: Sequence[Rect], repeat: int) -> bool:
        """Write a frame `repeat` times; see SingleFileWriter."""
        self.write_frame(pixels.copy(), repeat=repeat)
        return True

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
        """Write a frame."""
        self.frames += repeat
        super().write_frame(pixels, repeat=repeat)
