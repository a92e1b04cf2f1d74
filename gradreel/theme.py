"""Colors, font sizes, times and line widths by role.

`colors.gradient` is the color of a gradient in the active theme. The theme is set by the
environment variable GRADREEL_THEME (dark or light). Roles differ in lightness as well as in hue,
for viewers with a color vision deficiency; signs and arrows repeat what the colors say.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import MappingProxyType

from gradreel.errors import unknown_name
from gradreel.lecture_environment import CAPTIONS_VARIABLE, THEME_VARIABLE


@dataclass(frozen=True, slots=True)
class Palette:
    """One color for each role, as hex text."""

    background: str
    panel: str  # a card or node on the background
    text: str
    muted: str  # axes and secondary labels
    faint: str  # grid lines; never text
    value: str  # values of the forward pass
    gradient: str  # gradients of the backward pass
    gradient_fill: str  # areas filled with gradients, which need less contrast than text
    gradient_below: str  # a gradient below zero, in a heat map
    local: str  # a local derivative
    leaf: str  # leaf tensors
    detached: str  # tensors outside the graph
    accent: str  # what the viewer is to look at
    rising: str  # a positive slope
    falling: str  # a negative slope
    warning: str
    warning_fill: str  # areas; never text


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
            gradient_fill="#FFB000",
            gradient_below="#A18CFF",
            local="#BA78FF",
            leaf="#6FE3A5",
            detached="#98A2AE",
            accent="#FFF176",
            rising="#FF8A70",
            falling="#4DD8CF",
            warning="#FF8A70",
            warning_fill="#FF8A70",
        ),
        "light": Palette(
            background="#FCFBF8",
            panel="#EEF1F4",
            text="#17202B",
            muted="#4C5967",
            faint="#CBD3DB",
            value="#0066B3",
            gradient="#A85500",
            gradient_fill="#F29A0C",
            gradient_below="#4A3AA8",
            local="#54147A",
            leaf="#0A6B3F",
            detached="#5D6771",
            accent="#CC0074",
            rising="#98180D",
            falling="#00676B",
            warning="#98180D",
            warning_fill="#D2452F",
        ),
    }
)


def theme_name() -> str:
    """The active theme, from GRADREEL_THEME; dark when it is unset.

    Raises UsageError for an unknown theme.
    """
    name = os.environ.get(THEME_VARIABLE, "dark")
    if name not in PALETTES:
        raise unknown_name("theme", name, PALETTES, where=THEME_VARIABLE)
    return name


def captions_shown() -> bool:
    """Whether captions are drawn; GRADREEL_CAPTIONS=off leaves them to the subtitles."""
    return os.environ.get(CAPTIONS_VARIABLE, "on") != "off"


class _ActiveColors:
    """The colors of the active palette, looked up at each access: the theme may change."""

    def __getattr__(self, role: str) -> str:
        palette = PALETTES[theme_name()]
        if role not in Palette.__slots__:
            raise AttributeError(f"no color role {role!r}; roles: {', '.join(Palette.__slots__)}")
        color: str = getattr(palette, role)
        return color

    def sign(self, slope: float) -> str:
        """The color for the sign of a slope; magnitudes below FLAT count as zero."""
        if abs(slope) < FLAT:
            return str(self.text)
        return str(self.rising if slope > 0 else self.falling)


colors = _ActiveColors()

FLAT = 1e-9
"""Slopes of smaller magnitude are drawn as zero: a bisected stationary point is no closer to 0."""


class FontSize:
    """Font sizes in Manim's points; at 28 a digit is 22 px high on a 1080p screen."""

    formula = 46.0
    body = 36.0
    label = 32.0
    small = 28.0
    code = small * 1.05  # monospaced text is set smaller: with this, its letters are 22 px high
    caption = 33.0


class Timing:
    """Times in seconds, except `reading`."""

    reading = 15.0  # characters per second
    least_beat = 2.0
    rest = 0.8  # without motion at the end of a beat
    quick = 0.5  # the shortest run time of a play
    breath = 0.15  # silence before and after a spoken sentence, which brings 0.1 s of its own
    thought = 2.0  # silence after a question
    join = 0.8  # from the end of a scene to the picture it shares with the next one
    leave = 0.3  # what must go before that, since it would be in the way
    join_rest = 0.15  # that picture, without motion


class StrokeWidth:
    """Stroke widths in Manim's units, each about 1/100 of a frame unit."""

    axis = 2.5
    curve = 5.0
    arrow = 4.0
    frame = 3.0
