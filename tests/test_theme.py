"""Colors: contrast on their backgrounds, distance for dichromats, and the environment."""

import itertools

import numpy as np
import pytest

from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.narrate.voices import voice_from_environment
from gradreel.theme import PALETTES, Palette, captions_shown, colors, theme_name

AREAS = ("background", "panel", "faint", "gradient_fill", "warning_fill")
TEXT_ROLES = [role for role in Palette.__slots__ if role not in AREAS]

# Viénot, Brettel and Mollon (1999): how dichromats see linear RGB.
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
PROTANOPIA = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
ADJACENT_ROLES = [
    ("value", "gradient"), ("local", "gradient"), ("rising", "falling"), ("value", "text"),
    ("leaf", "gradient"), ("accent", "gradient"), ("rising", "gradient"), ("accent", "rising"),
    ("accent", "local"), ("accent", "value"), ("gradient_fill", "warning_fill"),
]  # fmt: skip


def linear_rgb(color: str) -> np.ndarray:
    rgb = np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    weights = [0.2126, 0.7152, 0.0722]
    light, dark = sorted((float(linear_rgb(c) @ weights) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("role", TEXT_ROLES)
@pytest.mark.parametrize("background", ["background", "panel"])
def test_every_text_role_has_enough_contrast(theme: str, role: str, background: str) -> None:
    palette = PALETTES[theme]
    assert contrast(getattr(palette, role), getattr(palette, background)) >= 4.5


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("vision", [DEUTERANOPIA, PROTANOPIA], ids=["deuteranopia", "protanopia"])
@pytest.mark.parametrize("pair", ADJACENT_ROLES, ids="-".join)
def test_adjacent_roles_differ_for_dichromats(
    theme: str, vision: np.ndarray, pair: tuple[str, str]
) -> None:
    one, other = (
        np.cbrt(np.clip(vision @ linear_rgb(getattr(PALETTES[theme], role)), 0, 1)) for role in pair
    )
    assert np.abs(one - other).max() > 0.06


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("vision", [DEUTERANOPIA, PROTANOPIA], ids=["deuteranopia", "protanopia"])
@pytest.mark.parametrize(
    "pair",
    [("value", "local"), ("gradient", "gradient_below"), ("rising", "falling")],
    ids="-".join,
)
def test_roles_of_one_picture_have_distant_colors_for_dichromats(
    theme: str, vision: np.ndarray, pair: tuple[str, str]
) -> None:
    one, other = (cie_lab(vision @ linear_rgb(getattr(PALETTES[theme], role))) for role in pair)
    assert np.linalg.norm(one - other) > 15


def cie_lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, white D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_theme_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADREEL_THEME", "light")
    assert colors.background == PALETTES["light"].background
    monkeypatch.setenv("GRADREEL_THEME", "dusk")
    with pytest.raises(UsageError, match="dark, light"):
        theme_name()


@pytest.mark.parametrize(("theme", "captions"), [("light", False), ("dark", True)])
def test_theme_captions_and_voice_are_read_from_the_variables_that_the_caller_sets(
    theme: str, captions: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = LectureSettings(854, 480, 15, theme=theme, captions=captions)
    for variable, value in settings.environment:
        monkeypatch.setenv(variable, value)
    assert (theme_name(), captions_shown()) == (theme, captions)
    assert voice_from_environment() is None


def test_an_unknown_role_lists_the_roles() -> None:
    with pytest.raises(AttributeError, match="roles: background, panel, text"):
        _ = colors.glitter


def test_the_main_roles_have_different_colors() -> None:
    for palette in PALETTES.values():
        for one, other in itertools.combinations(("value", "gradient", "local", "leaf"), 2):
            assert getattr(palette, one) != getattr(palette, other)
