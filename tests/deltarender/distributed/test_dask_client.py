"""What is said before and while connecting, and what is not unpickled."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import dask.config
import distributed.client
import distributed.protocol.pickle
import pytest

from deltarender.distributed import dask_client, dask_loads_patch
from deltarender.errors import SetupError
from tests.deltarender.distributed.hostile_work import Bomb


@pytest.mark.parametrize(
    ("address", "settings", "message"),
    [
        ("tls://head:8786", {}, "name none for ca file, client cert, client key"),
        ("tls://head:8786", {"distributed.comm.tls.ca-file": "/no/ca.pem",
          "distributed.comm.tls.client.cert": "a", "distributed.comm.tls.client.key": "b"},
         "there is no file /no/ca.pem"),
        ("tls://head:8786", {"distributed.comm.tls.ca-file": __file__,
          "distributed.comm.tls.client.cert": __file__,
          "distributed.comm.tls.client.key": __file__}, "the certificates cannot be used"),
        ("tcp://head:8786", {"distributed.comm.require-encryption": True},
         "require encryption, and tcp:// is not encrypted"),
        ("head:8786", {"distributed.comm.require-encryption": True}, "require encryption"),
        ("http://head:8786", {}, "http:// is not supported"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_said_at_once(address, settings, message) -> None:
    start = time.monotonic()
    with dask.config.set(settings), pytest.raises(SetupError, match=message):
        dask_client.connect(address)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("address", "exposed"),
    [
        ("tcp://127.0.0.1:8786", False), ("tcp://localhost:8786", False), ("[::1]:8786", False),
        ("tls://head:8786", False), ("tcp://head:8786", True), ("head:8786", True),
        ("tcp://192.168.1.2:8786", True), ("tcp://[fe80::1]:8786", True),
    ],
)  # fmt: skip
def test_a_warning_for_addresses_that_others_reach(address: str, exposed: bool) -> None:
    assert bool(dask_client.exposure(address)) == exposed


def test_only_plain_data_is_unpickled_while_a_client_is_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = dask_loads_patch._original
    # Another test of this process may have a client connected.
    monkeypatch.setattr(dask_loads_patch, "_users", 0)
    for module in (distributed.client, distributed.protocol.pickle):
        monkeypatch.setattr(module, "loads", original)
    dask_loads_patch.restrict()
    try:
        loads = distributed.protocol.pickle.loads
        assert loads is distributed.client.loads is not original
        for value in (b"ab", "ab", 1, None, (1, {"a": [b""]}), bytes):
            assert loads(pickle.dumps(value)) == value
        assert loads(pickle.dumps(bytearray(b"ab"))) == b"ab"
        for bad in (Bomb(str(tmp_path)), ValueError(), print, Path("a")):
            with pytest.raises(TypeError, match="not taken from a cluster"):
                loads(pickle.dumps(bad))
        assert not list(tmp_path.iterdir())
    finally:
        dask_loads_patch.release()
    assert distributed.client.loads is distributed.protocol.pickle.loads is original
