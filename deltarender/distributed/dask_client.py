"""The Dask client: connect to a scheduler, list its workers, run a function on one of them."""

from __future__ import annotations

import logging
import uuid
import warnings
from typing import Any

import dask.config
from distributed import Client

from deltarender.errors import RenderError, SetupError

CONNECT_TIMEOUT_S = 10.0


def connect(address: str) -> Any:
    """A client of the scheduler at `address`. Raises SetupError if none answers there."""
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


def connected_workers(client: Any, address: str) -> dict[str, Any]:
    """The workers of the scheduler, by address. Raises RenderError if it is gone."""
    if client.status != "running":
        # Dask would try to reconnect for half a minute.
        raise scheduler_lost(address)
    try:
        workers: dict[str, Any] = client.scheduler_info()["workers"]
    except Exception:
        raise scheduler_lost(address) from None
    return workers


def submit(client: Any, address: str, worker: str, function: Any, *arguments: Any) -> Any:
    """A future of `function` on one worker and no other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dask warns about large arguments
        try:
            return client.submit(
                function, *arguments, pure=False, workers=[worker], allow_other_workers=False,
                key=f"deltarender-{uuid.uuid4().hex}",
            )  # fmt: skip
        except Exception:
            raise scheduler_lost(address) from None


def scheduler_lost(address: str) -> RenderError:
    """The error of a scheduler that no longer answers."""
    return RenderError(
        "the scheduler of the cluster is gone.",
        where=address,
        hint="What was finished is kept. Start it again and run the same command again.",
    )
