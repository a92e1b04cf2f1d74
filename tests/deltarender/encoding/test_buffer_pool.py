"""Memory for samples is used again, and never by two at once."""

from __future__ import annotations

import numpy as np
import pytest

from deltarender.encoding import buffer_pool
from deltarender.encoding.buffer_pool import BufferPool

COUNT = 300_000


@pytest.mark.parametrize("count", [COUNT, 1 << 17, (1 << 17) + 1, 9])
def test_as_many_bytes_as_asked_for(count: int) -> None:
    pool = BufferPool()
    for _ in range(2):
        taken = pool.take(count)
        assert taken.shape == (count,)
        assert taken.flags["C_CONTIGUOUS"]
        pool.release(taken)


def test_memory_is_used_again_once_given_back() -> None:
    pool = BufferPool()
    first, second = pool.take(COUNT), pool.take(COUNT)
    assert not np.shares_memory(first, second)
    pool.release(first)
    assert np.shares_memory(pool.take(COUNT), first)


def test_no_more_is_kept_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer_pool, "KEPT", 600_000)
    pool = BufferPool()
    first, second = pool.take(COUNT), pool.take(COUNT)
    pool.release(first)
    pool.release(second)
    assert np.shares_memory(pool.take(COUNT), first)
    assert not np.shares_memory(pool.take(COUNT), second)
