"""Batches on a Dask cluster whose workers share no disk with the user.

    batch.render(jobs, options, executor=Farm("tcp://scheduler:8786"))

Everything here needs the extra `cluster`; nothing else in the package imports it.
"""

from __future__ import annotations

from deltarender.distributed.dask_executor import DaskExecutor

__all__ = ["DaskExecutor"]
