"""How long the studio takes to answer, measured from the other end of its WebSocket.

A real studio is started, and this process takes the place of the page; what a browser needs to
paint the picture (a few milliseconds) is not included.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import psutil
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from gradreel.catalog import find_entries
from gradreel.errors import GradreelError

DRAGS = 200
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from an event to the picture that answers it; memory in bytes of an idle studio."""

    first_picture: float  # since the command was started
    drag_median: float
    drag_p95: float
    changed_parameter: float
    saved_file: float
    idle_memory: int


def measure(scene: str) -> Latency:
    """Measure with a copy of `scene`, which must have a drag and a numeric parameter."""
    (entry,) = find_entries(scene)
    with tempfile.TemporaryDirectory(prefix="gradreel-latency-") as folder:
        file = Path(folder) / entry.file.name
        shutil.copyfile(entry.file, file)
        key = f"{file}:{entry.cls}"
        with (
            _studio(file, Path(folder) / "media") as (process, address, started),
            _page(address) as page,
        ):
            return _measure(page, process, key, file, started)


def _measure(
    page: ClientConnection, process: subprocess.Popen[str], key: str, file: Path, started: float
) -> Latency:
    opened = {"do": "open", "scene": key, "params": {}, "step": 0}
    _send(page, opened)
    _picture(page)
    first = time.perf_counter() - started
    controls = _message(page, "ready")["controls"]
    drag = controls["drags"][0]
    step = {"do": "show", "step": -1, "whole": True}
    drags = []
    for k in range(DRAGS):
        value = drag["low"] + (drag["high"] - drag["low"]) * (k % 97) / 96
        begin = time.perf_counter()
        _send(page, {**step, "values": {drag["name"]: value}, "whole": k == 0})
        _picture(page)
        drags.append(time.perf_counter() - begin)
    name = next(p["name"] for p in controls["params"] if p["schema"].get("type") == "number")
    value = str(float(controls["inputs"][name]) + 0.25)
    begin = time.perf_counter()
    _send(page, {**opened, "params": {name: value}})
    _picture(page)
    changed = time.perf_counter() - begin
    _message(page, "ready")
    begin = time.perf_counter()
    file.write_text(file.read_text() + "\n# saved\n")
    _picture(page)
    saved = time.perf_counter() - begin
    _message(page, "ready")
    time.sleep(1)
    return Latency(
        first, quantiles(drags, n=2)[0], quantiles(drags, n=20)[-1], changed, saved,
        memory_of_tree(process.pid),
    )  # fmt: skip


@contextmanager
def _studio(file: Path, media: Path) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """A studio with the scenes of `file`, its address, and when it was started."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "gradreel", "studio", str(file), "--no-open",
         "--media-dir", str(media)],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        address = re.search(r"http://\S+", line)
        if address is None:
            raise GradreelError(f"the studio did not start: {line}")
        yield process, address[0], started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        process.stderr.close()


@contextmanager
def _page(address: str) -> Iterator[ClientConnection]:
    host, _, token = address.removeprefix("http://").partition("/?token=")
    uri = f"ws://{host}/live?token={token}"
    origin = Origin(f"http://{host}")
    with connect(uri, origin=origin, max_size=None, compression=None) as page:
        yield page


def _send(page: ClientConnection, message: dict[str, Any]) -> None:
    page.send(json.dumps(message))


def _picture(page: ClientConnection) -> None:
    """Wait for a picture. Raises GradreelError if the scene fails."""
    while isinstance(message := page.recv(timeout=TIMEOUT_S), str):
        _check(json.loads(message))


def _message(page: ClientConnection, kind: str) -> dict[str, Any]:
    """Wait for a message of this kind."""
    while True:
        message = page.recv(timeout=TIMEOUT_S)
        if isinstance(message, str):
            read: dict[str, Any] = json.loads(message)
            _check(read)
            if read["kind"] == kind:
                return read


def _check(message: dict[str, Any]) -> None:
    if message["kind"] == "failed":
        raise GradreelError(message["message"])


def memory_of_tree(pid: int) -> int:
    """The proportional set size of a process and all its descendants, in bytes."""
    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)]
    return sum(int(process.memory_full_info().pss) for process in family)
