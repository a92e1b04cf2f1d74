"""A web server on loopback whose line has a fixed rate, shared by all that is fetched at once."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CHUNK = 4096


class _Line:
    """Sends at most `rate` bytes per second."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.requests: list[str] = []
        self._lock = threading.Lock()
        self._free_at = 0.0

    def wait_for(self, size: int) -> None:
        """Return when the line has carried `size` bytes more."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + size / self.rate
            free_at = self._free_at
        time.sleep(max(free_at - time.monotonic(), 0))


class _Handler(SimpleHTTPRequestHandler):
    """Files, whole or the range that is asked for."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, line: _Line, **kwargs: Any) -> None:
        self.line = line
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        raw = path.read_bytes()
        self.line.requests.append(self.path)
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        end = min(int(wanted[2]) + 1 if wanted and wanted[2] else len(raw), len(raw))
        self.send_response(HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(end - start))
        self.send_header("Accept-Ranges", "bytes")
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(raw)}")
        self.end_headers()
        with suppress(OSError):  # the browser has enough
            for k in range(start, end, CHUNK):
                part = raw[k : min(k + CHUNK, end)]
                self.line.wait_for(len(part))
                self.wfile.write(part)

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def throttled_server(folder: Path, rate: float) -> Iterator[tuple[str, list[str]]]:
    """The address of a server of `folder` with `rate` bytes per second, and what is requested."""
    line = _Line(rate)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Handler, line=line, directory=str(folder))
    )
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", line.requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
