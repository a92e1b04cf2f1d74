"""Watches the files that the open scene has read, and constructs it again when one is saved."""

from __future__ import annotations

import asyncio
from pathlib import Path

from watchfiles import awatch

from gradreel.explore.studio_session import StudioSession

DEBOUNCE_MS = 60  # editors write a file in several steps


async def watch_files(session: StudioSession) -> None:
    """Open the session's scene again whenever one of its files changes; runs until cancelled."""
    while True:
        session.changed.clear()
        watching = asyncio.create_task(_watch(session, session.files))
        await session.changed.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(session: StudioSession, files: tuple[str, ...]) -> None:
    # The folders: an editor that replaces a file ends a watch of the file itself.
    folders = {str(Path(file).parent) for file in files}
    folders = {folder for folder in folders if Path(folder).is_dir()}
    if not folders:
        return
    wanted = set(files)
    async for changes in awatch(*folders, recursive=False, debounce=DEBOUNCE_MS, step=20):
        changed = {path for _, path in changes} & wanted
        if changed and session.current is not None:
            await session.reopen(sorted(changed))
