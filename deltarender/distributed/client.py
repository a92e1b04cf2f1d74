"""The connection to the scheduler of a Dask cluster."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import dask.config
from distributed import Client

from deltarender.errors import SetupError

CONNECT_TIMEOUT_S = 10.0


def connect(address: str) -> Any:
    # Dask's own log messages about lost connections would mix with ours.
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_TIMEOUT_S:g}s"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Client(
                address, timeout=CONNECT_TIMEOUT_S, set_as_default=False, name="deltarender"
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise SetupError(
                f"no Dask scheduler answers there ({error}).",
                where=address,
                hint="Start one with `dask scheduler`, and give its address: tcp://HOST:8786",
            ) from None
