"""Whether this machine, or the container, runs out of memory, and how much of it a task holds.

Linux only; elsewhere nothing is known and nothing is limited. Standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MIN_FREE = 0.05  # of all memory: with less available, the machine is about to run out
LARGE = 0.125  # of all memory: a task that holds less is not the reason
MIN_LARGE_BYTES = 1 << 30  # what an ordinary scene in 4k may take on a small machine
PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of memory that this process and its children may use, and how many are left."""

    total: int
    available: int

    @property
    def is_low(self) -> bool:
        """Whether so little is left that something has to end."""
        return self.available < MIN_FREE * self.total

    def is_large(self, used: int) -> bool:
        """Whether a task with `used` bytes is to blame when memory is low."""
        return used > max(LARGE * self.total, min(MIN_LARGE_BYTES, self.total // 3))


def memory_left(proc: Path = PROC, cgroups: Path = CGROUPS) -> Memory | None:
    """The memory of the machine or of the container, whichever is shorter; None if unknown."""
    try:
        lines = (proc / "meminfo").read_text().splitlines()
        kilobytes = {
            name: int(rest.split()[0]) for name, _, rest in (k.partition(":") for k in lines)
        }
        found = [Memory(kilobytes["MemTotal"] << 10, kilobytes["MemAvailable"] << 10)]
    except (OSError, ValueError, LookupError):
        return None
    found += _limits_of_groups(proc, cgroups, found[0].total)
    return min(found, key=lambda memory: memory.available / max(memory.total, 1))


def _limits_of_groups(proc: Path, cgroups: Path, machine: int) -> Iterator[Memory]:
    """The limits of the control group of this process and of the groups it lies in."""
    with suppress(OSError):
        for line in (proc / "self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "":
                names = ("memory.max", "memory.current", "inactive_file")
                yield from _limits_along(cgroups, path, names, machine)
            elif "memory" in controllers.split(","):
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
                yield from _limits_along(cgroups / "memory", path, names, machine)


def _limits_along(
    root: Path, path: str, names: tuple[str, str, str], machine: int
) -> Iterator[Memory]:
    limit, usage, reclaimable = names
    inner = root / path.lstrip("/")
    for folder in (inner, *inner.parents):
        with suppress(OSError, ValueError):
            total = int((folder / limit).read_text())  # "max" is no number: no limit
            if 0 < total < machine:
                used = int((folder / usage).read_text())
                stat = dict(
                    line.split() for line in (folder / "memory.stat").read_text().splitlines()
                )
                yield Memory(total, max(total - used + int(stat.get(reclaimable, 0)), 0))
        if folder == root:
            return


def memory_of_group(leader: int, proc: Path = PROC) -> int:
    """Bytes of memory that the processes of a group hold; shared pages count in proportion."""
    return sum(_memory(folder) for folder in proc.glob("[0-9]*") if _group(folder) == leader)


def _group(folder: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int((folder / "stat").read_text().rpartition(")")[2].split()[2])
    return 0


def _memory(folder: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        for line in (folder / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    with suppress(OSError, ValueError, IndexError):  # old kernels
        _, resident, shared = map(int, (folder / "statm").read_text().split()[:3])
        return (resident - shared) * os.sysconf("SC_PAGE_SIZE")
    return 0
