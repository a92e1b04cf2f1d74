"""Buffers are reused, and never by two users at once."""

from __future__ import annotations

import numpy as np
import pytest

from deltarender.encoding import buffer_pool
from deltarender.encoding.buffer_pool import BufferPool

COUNT = 300_000


@pytest.mark.parametrize("count", [COUNT, 1 << 17, (1 << 17) + 1, 9])
def test_a_buffer_has_the_requested_size(count: int) -> None:
    pool = BufferPool()
    for _ in range(2):
        buffer = pool.acquire(count)
        assert buffer.shape == (count,)
        assert buffer.flags["C_CONTIGUOUS"]
        pool.release(buffer)


def test_memory_is_reused_after_release() -> None:
    pool = BufferPool()
    first, second = pool.acquire(COUNT), pool.acquire(COUNT)
    assert not np.shares_memory(first, second)
    pool.release(first)
    assert np.shares_memory(pool.acquire(COUNT), first)


def test_free_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer_pool, "MAX_FREE_BYTES", 600_000)
    pool = BufferPool()
    first, second = pool.acquire(COUNT), pool.acquire(COUNT)
    pool.release(first)
    pool.release(second)
    assert np.shares_memory(pool.acquire(COUNT), first)
    assert not np.shares_memory(pool.acquire(COUNT), second)
