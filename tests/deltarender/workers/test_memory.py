"""A task is ended for its memory only when the machine runs out of it, and only a large one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from deltarender.batch import BatchOptions, render
from deltarender.workers import memory, process_pool
from deltarender.workers.memory import Memory, memory_left, memory_of_group

GIGABYTE = 1 << 30
SCENES = """
class Small(Scene):
    def construct(self):
        self.play(Create(Square()), run_time=0.5)
class Eater(Scene):
    def construct(self):
        kept = []
        while True:
            kept.append(np.ones(4_000_000))
            self.wait(0.1)
"""


def files(folder: Path, **contents: str) -> None:
    for name, text in contents.items():
        path = folder / name.replace("__", "/").replace("DOT", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def machine(tmp_path: Path, total: int, available: int, group: str) -> None:
    files(
        tmp_path, proc__meminfo=f"MemTotal: {total >> 10} kB\nMemAvailable: {available >> 10} kB\n",
        proc__self__cgroup=group,
    )  # fmt: skip


def left(tmp_path: Path) -> Memory | None:
    return memory_left(tmp_path / "proc", tmp_path / "sys")


def test_the_memory_of_the_machine_counts_without_a_group(tmp_path: Path) -> None:
    assert left(tmp_path) is None
    machine(tmp_path, 8 * GIGABYTE, 6 * GIGABYTE, "0::/user\n")
    files(tmp_path, sys__user__memoryDOTmax="max\n", sys__user__memoryDOTcurrent="1\n")
    assert left(tmp_path) == Memory(8 * GIGABYTE, 6 * GIGABYTE)


@pytest.mark.parametrize("version", [1, 2])
def test_the_limit_of_a_container_counts(tmp_path: Path, version: int) -> None:
    used, cached = 3 * GIGABYTE, 1 * GIGABYTE
    if version == 2:
        machine(tmp_path, 64 * GIGABYTE, 60 * GIGABYTE, "0::/a/b\n")
        files(
            tmp_path, sys__a__memoryDOTmax=f"{4 * GIGABYTE}\n",
            sys__a__memoryDOTcurrent=f"{used}\n",
            sys__a__memoryDOTstat=f"anon 5\ninactive_file {cached}\n",
        )  # fmt: skip
    else:
        machine(tmp_path, 64 * GIGABYTE, 60 * GIGABYTE, "3:cpu,memory:/a\n0::/\n")
        files(
            tmp_path, sys__memory__a__memoryDOTlimit_in_bytes=f"{4 * GIGABYTE}\n",
            sys__memory__a__memoryDOTusage_in_bytes=f"{used}\n",
            sys__memory__a__memoryDOTstat=f"total_inactive_file {cached}\n",
        )  # fmt: skip
    assert left(tmp_path) == Memory(4 * GIGABYTE, 2 * GIGABYTE)


def test_ordinary_scenes_are_never_to_blame() -> None:
    for total in (4, 8, 23, 64):
        low = Memory(total * GIGABYTE, total * GIGABYTE // 100)
        assert low.is_low
        assert not low.is_large(500 << 20)  # 4 GB or 64, whatever -j is
        assert low.is_large(total * GIGABYTE // 2)
    assert not Memory(8 * GIGABYTE, GIGABYTE).is_low


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")
def test_the_processes_of_a_group_count() -> None:
    ready, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        block = bytearray(os.urandom(1)) * 50_000_000
        os.write(theirs, b"x")
        signal.pause()
        os._exit(len(block) and 0)
    try:
        os.read(ready, 1)
        assert memory_of_group(child) > 45_000_000
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert memory_of_group(child) == 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")
def test_a_scene_that_eats_the_memory_is_ended_and_others_are_not(job_of, monkeypatch) -> None:
    monkeypatch.setattr(memory, "MIN_LARGE_BYTES", 600 << 20)
    tight = Memory(2 * GIGABYTE, 0)  # low from the start
    monkeypatch.setattr(process_pool, "memory_left", lambda: tight)
    jobs = [job_of(SCENES, name) for name in ("Small", "Eater")]
    small, eater = render(jobs, BatchOptions(jobs=40, split=1)).results
    assert small.status == "rendered", small.error
    assert eater.status == "failed"
    assert "MB of memory, and this machine was running out of it" in eater.error
