"""Stands between Playwright and Debian's Firefox, both of which speak WebDriver BiDi.

Playwright starts this program in place of Firefox. Firefox ESR does not know all commands that
Playwright sends; those in OPTIONAL, which set preferences of a page, are answered as if done.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

OPTIONAL = {"emulation.setMediaFeaturesOverride"}
LISTENING = "WebDriver BiDi listening on "
UNLIMITED: dict[str, Any] = {"max_size": None, "compression": None, "ping_interval": None}


async def main() -> None:
    """Run Firefox with the arguments of this program; pass its messages on."""
    firefox = await asyncio.create_subprocess_exec(
        os.environ["FIREFOX"], *sys.argv[1:], stderr=asyncio.subprocess.PIPE
    )
    assert firefox.stderr is not None
    address = ""
    while not address:
        line = (await firefox.stderr.readline()).decode()
        if not line:
            raise SystemExit(await firefox.wait())
        address = found[0] if (found := re.search(r"ws://\S+", line)) else ""

    async def relay(page: ServerConnection) -> None:
        assert page.request is not None
        async with connect(address + page.request.path, **UNLIMITED) as browser:
            await _pass_on(page, browser)

    async with serve(relay, "127.0.0.1", 0, **UNLIMITED) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"{LISTENING}ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
        while await firefox.stderr.readline():
            pass
        await firefox.wait()


async def _pass_on(page: Any, browser: Any) -> None:
    optional: set[int] = set()  # the numbers of requests that may fail

    async def to_browser() -> None:
        async for text in page:
            message = json.loads(text)
            if message.get("method") in OPTIONAL:
                optional.add(message["id"])
            await browser.send(text)
        await browser.close()

    async def to_page() -> None:
        async for text in browser:
            message = json.loads(text) if optional else {}
            if message.get("id") in optional and message.get("error") == "unknown command":
                text = json.dumps({"type": "success", "id": message["id"], "result": {}})
            await page.send(text)
        await page.close()

    await asyncio.gather(to_browser(), to_page(), return_exceptions=True)


if __name__ == "__main__":
    with contextlib.suppress(ConnectionClosed, KeyboardInterrupt):
        asyncio.run(main())
