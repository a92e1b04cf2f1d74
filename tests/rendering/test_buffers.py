"""Memory for copies is used again, and never by two at once."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.rendering import buffers
from gradreel.rendering.buffers import Buffers

PIXELS = np.random.default_rng(1).integers(0, 256, (300, 400, 4), dtype=np.uint8)


def test_a_copy_is_a_copy_whatever_was_in_its_memory() -> None:
    pool = Buffers()
    for width in (400, 390, 150, 3):
        part = PIXELS[10:, :width]
        copied = pool.copy(part)
        assert np.array_equal(copied, part)
        assert copied.flags["C_CONTIGUOUS"]
        assert not np.shares_memory(copied, PIXELS)
        pool.give_back(copied)


def test_memory_is_used_again_once_given_back() -> None:
    pool = Buffers()
    first, second = pool.copy(PIXELS), pool.copy(PIXELS)
    assert not np.shares_memory(first, second)
    pool.give_back(first)
    assert np.shares_memory(pool.copy(PIXELS), first)


def test_no_more_is_kept_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "KEPT", 600_000)
    pool = Buffers()
    first, second = pool.copy(PIXELS), pool.copy(PIXELS)
    pool.give_back(first)
    pool.give_back(second)
    assert np.shares_memory(pool.copy(PIXELS), first)
    assert not np.shares_memory(pool.copy(PIXELS), second)
