"""Settings that the generated tests share.

The ordinary run tries a small fixed set. `GRADREEL_FUZZ=20000 pytest tests/fuzz` tries as many
random examples in each test.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, settings

COUNT = int(os.environ.get("GRADREEL_FUZZ", "0"))
LONGEST = 5.0  # seconds of processor time that one input may take


def examples(count: int):
    """Settings of hypothesis for `count` examples, or for GRADREEL_FUZZ if it is set."""
    return settings(
        max_examples=COUNT or count,
        deadline=None,
        derandomize=not COUNT,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


@contextmanager
def no_hang() -> Iterator[None]:
    """Raise TimeoutError in what is computed within, after LONGEST seconds."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"it takes more than {LONGEST:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
