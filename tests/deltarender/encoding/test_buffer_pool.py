"""Memory for samples is used again, and never by two at once."""

from __future__ import annotations

import numpy as np
import pytest

from deltarender.encoding import buffer_pool
from deltarender.encoding.buffer_pool import Buffers

COUNT = 300_000


@pytest.mark.parametrize("count", [COUNT, 1 << 17, (1 << 17) + 1, 9])
def test_as_many_bytes_as_asked_for(count: int) -> None:
    pool = Buffers()
    for _ in range(2):
        taken = pool.take(count)
        assert taken.shape == (count,)
        assert taken.flags["C_CONTIGUOUS"]
        pool.give_back(taken)


def test_memory_is_used_again_once_given_back() -> None:
    pool = Buffers()
    first, second = pool.take(COUNT), pool.take(COUNT)
    assert not np.shares_memory(first, second)
    pool.give_back(first)
    assert np.shares_memory(pool.take(COUNT), first)


def test_no_more_is_kept_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer_pool, "KEPT", 600_000)
    pool = Buffers()
    first, second = pool.take(COUNT), pool.take(COUNT)
    pool.give_back(first)
    pool.give_back(second)
    assert np.shares_memory(pool.take(COUNT), first)
    assert not np.shares_memory(pool.take(COUNT), second)
