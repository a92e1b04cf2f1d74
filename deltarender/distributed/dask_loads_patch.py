"""Keep Dask's client from running code that a worker or the scheduler sends.

Dask serializes with pickle, and unpickling runs whatever the sender chose. It has no setting that
forbids it: `deserializers` of a Client concern the results of tasks, but not the exceptions and
events that come with them, and even plain bytes arrive with their type as a pickle. What workers
answer to this package is plain bytes, so while a client is connected, Dask's own `loads` is
replaced by one that knows no other types.
"""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Iterable
from typing import Any

import distributed.client
import distributed.protocol.pickle
from distributed import Client

ALLOWED = {("builtins", "bytes"): bytes, ("builtins", "bytearray"): bytearray}
DESERIALIZERS = ("dask", "msgpack", "error")
# All names under which Dask's client reaches its own function.
_PLACES = (distributed.protocol.pickle, distributed.client)
_lock = threading.Lock()
_users = 0
_original = distributed.protocol.pickle.loads


class RestrictedClient(Client):  # type: ignore[misc]
    """A client that receives no results but bytes, and handles no events of others.

    By default, a client prints and warns what workers send it, for which it unpickles.
    """

    _default_event_handlers: dict[str, Any] = {}  # noqa: RUF012


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The type of this name. Raises TypeError for all but a few."""
        if (module, name) not in ALLOWED:
            # Dask expects this kind of error from a traceback that cannot be read.
            raise TypeError(f"{module}.{name} is not taken from a cluster")
        return ALLOWED[module, name]


def restricted_loads(raw: Any, *, buffers: Iterable[Any] = ()) -> Any:
    """Unpickle plain data. Raises TypeError for anything that refers to other types."""
    return _Unpickler(io.BytesIO(bytes(raw)), buffers=buffers).load()


def restrict() -> None:
    """Let Dask unpickle only plain data in this process, until `release` is called as often."""
    global _users
    with _lock:
        _users += 1
        for module in _PLACES:
            module.loads = restricted_loads


def release() -> None:
    """Undo one `restrict`."""
    global _users
    with _lock:
        _users -= 1
        if not _users:
            for module in _PLACES:
                module.loads = _original
