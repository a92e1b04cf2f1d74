"""What the assertions know of the running tests; the plugin sets it. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Session:
    """The running test session.

    `root` is the project's folder, from which paths of scenes count, and `test_folder` that of the
    running test. With `update`, golden files are written instead of compared, and `written` counts
    them.
    """

    root: Path = field(default_factory=Path.cwd)
    update: bool = False
    test_folder: Path | None = None
    written: int = 0

    @property
    def golden_folder(self) -> Path:
        """Golden files beside the running test, or below the project's tests."""
        return (self.test_folder or self.root / "tests") / "golden"

    @property
    def media_dir(self) -> Path:
        """Where logs, scratch files and pictures of differences go."""
        return self.root / "media"


_sessions: list[Session] = []


def current() -> Session:
    """The running session; outside of pytest, one of the working folder that updates nothing."""
    return _sessions[-1] if _sessions else Session()


def begin(session: Session) -> None:
    """Make `session` the running one until `end`. Sessions may be nested."""
    _sessions.append(session)


def end() -> None:
    """End the running session."""
    _sessions.pop()


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Within the block, a test of this folder is running."""
    session = current()
    before, session.test_folder = session.test_folder, folder
    try:
        yield
    finally:
        session.test_folder = before
