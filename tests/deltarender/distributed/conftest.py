"""One cluster for all tests of a process that leave its workers alive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deltarender.distributed.cluster_fixture import Cluster


def start(folder, *workers: str) -> Cluster:
    """A scheduler with workers that have joined.

    Else a worker that a test adds could be the first one; a cluster whose only worker is refused
    is an error at once.
    """
    started = Cluster(folder)
    started.scheduler()
    for name in workers:
        started.worker(name)
    for name in workers:
        started.wait_for(name)
    return started


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """A scheduler with three workers, which no test kills."""
    started = start(tmp_path_factory.mktemp("cluster"), "one", "two", "three")
    yield started
    started.end()


@pytest.fixture
def own_cluster(tmp_path_factory) -> Iterator[Cluster]:
    """A scheduler with three workers for one test, which may kill them."""
    started = start(tmp_path_factory.mktemp("own"), "one", "two", "three")
    yield started
    started.end()
