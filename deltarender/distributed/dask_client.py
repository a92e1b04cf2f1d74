"""The Dask client: connect to a scheduler, list its workers, run a function on one of them."""

from __future__ import annotations

import ipaddress
import logging
import os
import ssl
import uuid
import warnings
from contextlib import suppress
from typing import Any

import dask.config
from distributed import Security

from deltarender.distributed import dask_loads_patch
from deltarender.errors import RenderError, SetupError
from deltarender.json_checks import InvalidData, integer, record, text

CONNECT_TIMEOUT_S = 10.0
SCHEDULER_TIMEOUT_S = 30.0
SCHEMES = ("tcp", "tls")
ENCRYPTED = ("tls",)
CERTIFICATES = {
    "tls_ca_file": "DASK_DISTRIBUTED__COMM__TLS__CA_FILE",
    "tls_client_cert": "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT",
    "tls_client_key": "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY",
}
_check_worker = record({"nthreads": integer(1, 4096)})
_check_name = text(200)


def connect(address: str) -> Any:
    """A client of the scheduler at `address`. Raises SetupError if none answers there."""
    security = _security(address)
    # Dask's own log messages about lost connections would mix with ours.
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_TIMEOUT_S:g}s"})
    dask_loads_patch.restrict()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return dask_loads_patch.RestrictedClient(
                address, timeout=CONNECT_TIMEOUT_S, set_as_default=False, name="deltarender",
                security=security, deserializers=list(dask_loads_patch.DESERIALIZERS),
            )  # fmt: skip
        except Exception as error:  # a server that is not Dask's raises anything
            dask_loads_patch.release()
            encrypted = scheme_of(address) in ENCRYPTED
            more = " Its certificate has to be signed by the same authority." if encrypted else ""
            raise SetupError(
                f"no Dask scheduler answers there ({error}).",
                where=address,
                hint="Start one with `dask scheduler --host 127.0.0.1`, and give its address: "
                f"{scheme_of(address)}://HOST:8786.{more}",
            ) from None


def disconnect(client: Any) -> None:
    """Close a client."""
    with suppress(Exception):
        client.close(timeout=2)
    dask_loads_patch.release()


def scheme_of(address: str) -> str:
    """The part of an address before "://"; Dask's own default is tcp."""
    return address.partition("://")[0].lower() if "://" in address else "tcp"


def exposure(address: str) -> str:
    """A warning about a connection that others may read or join; "" where there is none."""
    host = address.partition("://")[2] or address
    host = host.rpartition(":")[0].strip("[]") or host
    if scheme_of(address) in ENCRYPTED or host == "localhost":
        return ""
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return ""
    return (
        f"{address} is neither encrypted nor does it ask who connects: whoever reaches the ports "
        "of the scheduler or of a worker runs code there. Use tls://, or a tunnel to loopback."
    )


def _security(address: str) -> Security:
    """The certificates from Dask's settings. Raises SetupError where they do not fit `address`."""
    scheme = scheme_of(address)
    if scheme not in SCHEMES:
        raise SetupError(
            f"{scheme}:// is not supported.", where=address, hint="Give tcp:// or tls://.",
            valid=[f"{name}://HOST:PORT" for name in SCHEMES],
        )  # fmt: skip
    security = Security()
    if scheme not in ENCRYPTED:
        if security.require_encryption:
            raise SetupError(
                "Dask's settings require encryption, and tcp:// is not encrypted.",
                where=address,
                hint="Give tls://HOST:PORT, or unset DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION.",
            )
        return security
    missing = [name for name in CERTIFICATES if not getattr(security, name)]
    if missing:
        raise SetupError(
            "tls:// needs certificates, and Dask's settings name none for "
            + ", ".join(name.removeprefix("tls_").replace("_", " ") for name in missing)
            + ".",
            where=address,
            hint="Set " + ", ".join(CERTIFICATES[name] for name in missing)
            + " (see docs/cluster.md).",
        )  # fmt: skip
    _load_certificates(security, address)
    return security


def _load_certificates(security: Security, address: str) -> None:
    for name, variable in CERTIFICATES.items():
        value = str(getattr(security, name))
        if "\n" not in value and not os.path.isfile(value):
            raise SetupError(f"there is no file {value}.", where=variable, hint=f"For {address}.")
    try:
        security.get_connection_args("client")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise SetupError(
            f"the certificates cannot be used ({error}).", where=address,
            hint="Set " + ", ".join(CERTIFICATES.values()) + " to files in PEM format.",
        ) from None  # fmt: skip


def connected_workers(client: Any, address: str) -> dict[str, dict[str, Any]]:
    """The name and `nthreads` of each worker by address. Raises RenderError without a scheduler.

    Workers that describe themselves in another way are left out.
    """
    if client.status != "running":
        # Dask would try to reconnect for half a minute.
        raise scheduler_lost(address)
    try:
        identity = client.sync(
            client.scheduler.identity, n_workers=-1, callback_timeout=SCHEDULER_TIMEOUT_S
        )
        workers = dict(identity["workers"])
    except Exception:
        raise scheduler_lost(address) from None
    found = {}
    for worker, facts in workers.items():
        with suppress(InvalidData):
            _check_name(worker, "its address")
            _check_worker(facts, "it")
            name = str(facts.get("name", worker))
            _check_name(name, "its name")
            found[worker] = {"name": name, "nthreads": facts["nthreads"]}
    return found


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


def run_beside(client: Any, worker: str, timeout: float, function: Any, *arguments: Any) -> bytes:
    """The bytes that `function` returns on a worker, which may be rendering meanwhile.

    Raises TimeoutError after `timeout` seconds, TypeError for an answer that is not bytes.
    """
    answers = client.sync(
        client._run, function, *arguments, workers=[worker], callback_timeout=timeout
    )
    answer = answers.get(worker)
    if not isinstance(answer, bytes):
        raise TypeError("its answer is not bytes")
    return answer


def scheduler_lost(address: str) -> RenderError:
    """The error of a scheduler that no longer answers."""
    return RenderError(
        "the scheduler of the cluster is gone.",
        where=address,
        hint="What was finished is kept. Start it again and run the same command again.",
    )
