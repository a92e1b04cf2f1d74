"""Colours: readable on their ground, and apart for viewers who see fewer hues."""

import itertools
import os

import numpy as np
import pytest

from gradreel.errors import UsageError
from gradreel.theme import PALETTES, Palette, colors, theme_name

LETTERS = [role for role in Palette.__slots__ if role not in ("background", "panel", "faint")]

# Viénot, Brettel and Mollon (1999): how dichromats see linear RGB.
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
PROTANOPIA = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
PAIRS_THAT_MEET = [
    ("value", "gradient"), ("local", "gradient"), ("rising", "falling"), ("value", "text"),
    ("leaf", "gradient"),
]  # fmt: skip


def linear(color: str) -> np.ndarray:
    rgb = np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light, dark = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))[::-1]
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("role", LETTERS)
@pytest.mark.parametrize("ground", ["background", "panel"])
def test_every_role_can_be_read(theme: str, role: str, ground: str) -> None:
    palette = PALETTES[theme]
    assert contrast(getattr(palette, role), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("sight", [DEUTERANOPIA, PROTANOPIA], ids=["deuteranopia", "protanopia"])
@pytest.mark.parametrize("pair", PAIRS_THAT_MEET, ids="-".join)
def test_roles_that_meet_stay_apart(theme: str, sight: np.ndarray, pair: tuple[str, str]) -> None:
    seen = [np.cbrt(np.clip(sight @ linear(getattr(PALETTES[theme], r)), 0, 1)) for r in pair]
    assert np.abs(seen[0] - seen[1]).max() > 0.06


def test_the_theme_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADREEL_THEME", "light")
    assert colors.background == PALETTES["light"].background
    monkeypatch.setenv("GRADREEL_THEME", "dusk")
    with pytest.raises(UsageError, match="dark, light"):
        theme_name()


def test_roles_have_colours_of_their_own() -> None:
    for palette in PALETTES.values():
        for one, other in itertools.combinations(("value", "gradient", "local", "leaf"), 2):
            assert getattr(palette, one) != getattr(palette, other)
    assert os.environ.get("GRADREEL_THEME", "dark") in PALETTES
