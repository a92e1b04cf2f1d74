"""Batches on a Dask cluster whose workers share no disk with the user.

batch.render(jobs, options, executor=DaskExecutor("tcp://scheduler:8786"))
"""

from __future__ import annotations

from deltarender.distributed.compatibility import Scope
from deltarender.distributed.dask_executor import DaskExecutor

__all__ = ["DaskExecutor", "Scope"]
