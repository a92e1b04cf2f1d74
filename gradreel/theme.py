"""How things look, by what they mean: colours, letter sizes and times by role.

`ink.gradient` is the colour of a gradient in the theme in use; the theme is chosen by the
environment variable GRADREEL_THEME (dark, light), so that it reaches worker processes and plain
`manim` alike. Roles differ in brightness as well as in hue, so that they stay apart for viewers
who see fewer hues; signs and arrows say the same thing a second time.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import MappingProxyType

from gradreel.errors import unknown_name

THEME_VARIABLE = "GRADREEL_THEME"
CAPTIONS_VARIABLE = "GRADREEL_CAPTIONS"


@dataclass(frozen=True, slots=True)
class Palette:
    """One colour for each role, as hex text."""

    background: str
    panel: str  # a card or node lying on the background
    text: str
    muted: str  # axes, labels of lesser weight
    faint: str  # grid lines; never text
    value: str  # what flows forward
    gradient: str  # what flows backward
    local: str  # a local derivative
    leaf: str  # tensors the user made
    detached: str  # outside the graph
    accent: str  # look here
    rising: str  # a positive slope
    falling: str  # a negative slope
    warning: str


PALETTES = MappingProxyType(
    {
        "dark": Palette(
            background="#0E141B",
            panel="#1B2632",
            text="#F4F1EA",
            muted="#A9B4C2",
            faint="#314050",
            value="#6EC6FF",
            gradient="#FFB000",
            local="#E39BFF",
            leaf="#6FE3A5",
            detached="#98A2AE",
            accent="#FFF176",
            rising="#FF8A70",
            falling="#4DD8CF",
            warning="#FF8A70",
        ),
        "light": Palette(
            background="#FCFBF8",
            panel="#EEF1F4",
            text="#17202B",
            muted="#4C5967",
            faint="#CBD3DB",
            value="#005FA8",
            gradient="#9A5200",
            local="#7A2FA0",
            leaf="#0A6B3F",
            detached="#5D6771",
            accent="#7A6200",
            rising="#B3341B",
            falling="#00676B",
            warning="#B3341B",
        ),
    }
)


def theme_name() -> str:
    """The theme in use, from GRADREEL_THEME; dark when nothing is said."""
    name = os.environ.get(THEME_VARIABLE, "dark")
    if name not in PALETTES:
        raise unknown_name("theme", name, PALETTES, where=THEME_VARIABLE)
    return name


def captions_shown() -> bool:
    """Whether captions are drawn on screen (GRADREEL_CAPTIONS=off keeps them to the subtitles)."""
    return os.environ.get(CAPTIONS_VARIABLE, "on") != "off"


class _Ink:
    """The palette in use, looked up anew each time so that a theme can change between scenes."""

    def __getattr__(self, role: str) -> str:
        palette = PALETTES[theme_name()]
        if role not in Palette.__slots__:
            raise AttributeError(f"no colour role {role!r}; roles: {', '.join(Palette.__slots__)}")
        colour: str = getattr(palette, role)
        return colour

    def sign(self, slope: float) -> str:
        """The colour of a slope by its sign; zero but for rounding counts as zero."""
        if abs(slope) < FLAT:
            return str(self.text)
        return str(self.rising if slope > 0 else self.falling)


colors = _Ink()

FLAT = 1e-9
"""Slopes smaller than this are flat to the eye and to a float64 that had to be searched for."""


class FontSize:
    """Letter sizes in Manim's font points; at 28 a digit is 22 px high on a 1080p screen."""

    formula = 46.0
    body = 36.0
    label = 32.0
    small = 28.0
    code = small * 1.05  # monospaced letters are smaller: 22 px high on a 1080p screen
    caption = 33.0


class Timing:
    """Times in seconds."""

    reading = 15.0  # characters a second
    least_beat = 2.0
    rest = 0.8  # stillness at the end of a beat, to take the picture in
    quick = 0.5
    breath = 0.3  # before and after a caption is said aloud


class StrokeWidth:
    """Line widths in Manim's units (about 1/100 of a frame unit each)."""

    axis = 2.5
    curve = 5.0
    arrow = 4.0
    frame = 3.0
