"""Inside a worker: set Manim up for one job, load the scene's class, note which files it reads."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import inspect
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from manim import Scene, config

from deltarender.atomic_files import open_lock
from deltarender.errors import RenderError, UsageError, unknown_name
from deltarender.jobs import VECTORS, Job, RenderSettings, SceneRef

THEME_VARIABLE = "GRADREEL_THEME"
CAPTIONS_VARIABLE = "GRADREEL_CAPTIONS"
VOICE_VARIABLE = "GRADREEL_VOICE"
WIDE = 16 / 9
BUSY = "busy"


def configure(job: Job, folder: Path) -> None:
    """Set Manim's configuration for `job`; whatever Manim writes by itself goes to `folder`."""
    profile = job.profile
    os.environ[THEME_VARIABLE] = profile.theme
    os.environ[CAPTIONS_VARIABLE] = "on" if profile.captions else "off"
    os.environ[VOICE_VARIABLE] = profile.voice
    config.verbosity = "INFO"
    config.progress_bar = "none"
    config.notify_outdated_version = False
    config.preview = False
    config.disable_caching = True
    config.input_file = str(job.target.file)
    config.media_dir = str(folder)
    config.log_to_file = False
    config.write_all = False
    config.save_sections = False
    config.output_file = ""
    config.transparent = profile.transparent
    own = profile.format in ("mp4", *VECTORS)  # formats that Manim's writer has no part in
    config.format = "auto" if own else profile.format
    _set_size(profile)


def _set_size(profile: RenderSettings) -> None:
    config.pixel_width = profile.width
    config.pixel_height = profile.height
    config.frame_rate = profile.fps
    aspect = profile.width / profile.height
    if abs(aspect / WIDE - 1) > 0.005:
        # Manim's camera keeps the width and follows with the height; scenes that place things by
        # the configuration must be told the same.
        config.frame_height = config.frame_width / aspect


@contextlib.contextmanager
def text_cache(parent: Path) -> Iterator[None]:
    """A folder for compiled text that is kept between runs and used by one process at a time.

    Manim looks a text up and then writes it without a lock: two processes would disturb each other.
    """
    for number in range(1000):
        folder = parent / f"text-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
        if lock is None:
            continue
        with lock:
            _use(folder)
            yield
            # Not reached after a fault: what it left may be cut short and is thrown away next time.
            (folder / BUSY).unlink()
            return
    raise RenderError("a thousand renders use this folder at once.", where=str(parent))


def _locked(folder: Path) -> IO[bytes] | None:
    """The lock of a folder for text; None if another has it or the folder is a link."""
    if folder.is_symlink() or (folder / "lock").is_symlink():
        return None
    lock = open_lock(folder / "lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _use(folder: Path) -> None:
    """Have Manim keep compiled text in `folder`, emptied if its last user came to grief."""
    texts = (folder / "typst", folder / "texts")
    if (folder / BUSY).exists():
        for text in texts:
            shutil.rmtree(text, ignore_errors=True)
    open_lock(folder / BUSY).close()
    config.tex_dir, config.text_dir = (str(text) for text in texts)


def scene_class(target: SceneRef, params: dict[str, str]) -> type[Scene]:
    """Load the file and give its scene class, with parameters where some are set.

    Raises UsageError for a missing file, class or parameter; whatever the file raises passes.
    """
    module = _load(target.file)
    found = getattr(module, target.cls, None)
    if not (inspect.isclass(found) and issubclass(found, Scene)):
        names = [
            n
            for n, c in vars(module).items()
            if inspect.isclass(c) and issubclass(c, Scene) and c.__module__ == module.__name__
        ]
        raise unknown_name("scene", target.cls, names, where=str(target.file))
    configured = getattr(found, "with_params", None)
    if configured is not None:
        return configured(params)  # type: ignore[no-any-return]
    if params:
        raise UsageError(
            f"{target.cls} is a plain Manim scene and takes no parameters.", where=str(target.file)
        )
    return found


def _load(file: Path) -> Any:
    if not file.is_file():
        raise UsageError("there is no such file.", where=str(file))
    # Named as Manim names it, which cannot hide a library of the same name.
    name = ".".join(file.with_suffix("").parts)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError("this is not a Python file.", where=str(file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(file.parent.absolute()))
    spec.loader.exec_module(module)
    return module


class ReadTracker:
    """Every file that this process opens for reading from now on, with the digest it had then.

    Files of installed packages, of Python itself and those under `apart` do not count; nor does
    what the process wrote itself.
    """

    def __init__(self, apart: list[Path]) -> None:
        self.digests: dict[str, str] = {}
        libraries = {sys.prefix, sys.base_prefix, "/proc", "/sys", "/dev", "/usr", "/etc"}
        libraries |= {os.path.dirname(os.path.dirname(m)) for m in (np_file(),)}
        self._apart = tuple(
            os.path.join(os.path.realpath(p), "") for p in (*libraries, *map(str, apart))
        )
        self._written: set[str] = set()
        self._busy = False
        self._on = True
        sys.addaudithook(self._heard)

    def stop(self) -> None:
        """Listen no more (a hook cannot be taken off)."""
        self._on = False

    def note(self, path: str) -> None:
        """Count `path` as read."""
        real = os.path.realpath(path)
        if "__pycache__" in real and real.endswith(".pyc"):
            real = importlib.util.source_from_cache(real)
        if real in self.digests or real in self._written or real.startswith(self._apart):
            return
        if os.path.isfile(real):
            with open(real, "rb") as file:
                self.digests[real] = hashlib.sha256(file.read()).hexdigest()

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not self._on or self._busy:
            return
        path, mode, flags = args
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, (str, os.PathLike)):
            return
        self._busy = True
        try:
            writing = (flags or 0) & (os.O_WRONLY | os.O_RDWR) or set(mode or "") & set("wax+")
            if writing:
                self._written.add(os.path.realpath(path))
            else:
                self.note(os.fspath(path))
        except (OSError, ValueError, NotImplementedError):
            # What cannot be read here is the scene's own concern.
            pass
        finally:
            self._busy = False


def np_file() -> str:
    """A file of an installed package, wherever packages are installed."""
    import numpy

    return numpy.__file__
