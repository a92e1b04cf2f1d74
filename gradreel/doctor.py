"""What this machine has of what gradreel needs, and the command that installs what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# In a checkout the Makefile installs what is missing; elsewhere pip does.
IN_CHECKOUT = (Path(__file__).resolve().parents[1] / "Makefile").is_file()
MIN_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing looked for: what was found, and what to type where it is missing."""

    name: str
    ok: bool
    found: str
    install: str = ""
    needed: bool = True


def run_checks(media_dir: Path) -> list[CheckResult]:
    """Every check, in the order in which one would install things."""
    checks: list[Callable[[], CheckResult]] = [
        _check_python,
        # Only a build from source needs a compiler and headers.
        lambda: _check_program(
            "C compiler",
            ("cc", "gcc", "clang"),
            _install_command("build-essential"),
            needed=IN_CHECKOUT,
        ),
        lambda: _check_program(
            "pkg-config", ("pkg-config",), _install_command("pkg-config"), needed=IN_CHECKOUT
        ),
        lambda: _check_library("cairo", _install_command("libcairo2-dev")),
        lambda: _check_library("pangocairo", _install_command("libpango1.0-dev")),
        *(lambda name=name: _check_package(name) for name in ("manim", "typst", "av")),
        # Only scenes of gradreel need torch; without it any other Manim file can be rendered.
        lambda: _check_package("torch", "lecture", needed=IN_CHECKOUT),
        _check_renderer,
        _check_x264,
        lambda: _check_media_dir(media_dir),
        lambda: _check_disk_space(media_dir),
        lambda: _check_program(
            "chromium", ("chromium", "google-chrome"), _install_command("chromium"), needed=False
        ),
        lambda: _check_package("python-pptx", "slides", needed=False),
        _check_reveal,
        lambda: _check_package("piper-tts", "narration", needed=False),
        lambda: _check_program(
            "espeak-ng", ("espeak-ng",), _install_command("espeak-ng"), needed=False
        ),
    ]
    return [check() for check in checks]


def _pip(extra: str = "", *, options: str = "") -> str:
    """The command that installs a Python package: with make in a checkout, else with pip."""
    if IN_CHECKOUT:
        return "make setup"
    wanted = f'"gradreel[{extra}]"' if extra else "gradreel"
    return f"{sys.executable} -m pip install {options}{wanted}"


def _install_command(package: str) -> str:
    if platform.system() == "Darwin":
        return (
            f"brew install {package.removeprefix('lib').removesuffix('-dev').rstrip('0123456789.')}"
        )
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install {package}"


def _check_python() -> CheckResult:
    version = platform.python_version()
    return CheckResult(
        "Python", sys.version_info >= (3, 11), version, _install_command("python3 python3-venv")
    )


def _check_program(
    name: str, choices: tuple[str, ...], install: str, needed: bool = True
) -> CheckResult:
    path = next(filter(None, map(shutil.which, choices)), None)
    return CheckResult(name, path is not None, path or "not found", install, needed)


def _check_library(name: str, install: str) -> CheckResult:
    if shutil.which("pkg-config") is None:
        return CheckResult(name, False, "cannot look: pkg-config is missing", install, IN_CHECKOUT)
    asked = subprocess.run(["pkg-config", "--modversion", name], capture_output=True, text=True)
    version = asked.stdout.strip()
    found = version or "no headers found"
    return CheckResult(name, asked.returncode == 0, found, install, IN_CHECKOUT)


def _check_package(name: str, extra: str = "", needed: bool = True) -> CheckResult:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return CheckResult(name, False, "not installed", _pip(extra), needed)
    if name == "torch" and "cu" in version.partition("+")[2]:
        version += " (a CUDA build: the CPU build is enough, and smaller)"
    return CheckResult(name, True, version, _pip(extra), needed)


def _check_renderer() -> CheckResult:
    from deltarender import native_build

    trouble = native_build.build_problem()
    rebuild = _pip(options="--force-reinstall --no-deps --no-binary gradreel ")
    return CheckResult("renderer", not trouble, trouble or "built", rebuild)


def _check_x264() -> CheckResult:
    try:
        import av

        av.codec.Codec("libx264", "w")
    except ImportError:
        return CheckResult("x264 encoder", False, "av is not installed", _pip())
    except ValueError:
        return CheckResult(
            "x264 encoder",
            False,
            "av was built without libx264",
            _pip(options="--force-reinstall "),
        )
    return CheckResult("x264 encoder", True, "in av")


def _check_reveal() -> CheckResult:
    from gradreel.errors import SetupError
    from gradreel.publish import reveal_assets

    try:
        reveal_assets.require_assets()
    except (SetupError, ImportError):
        fetch = f"{sys.executable} -m gradreel.publish.reveal_assets"
        install = "make publishing" if IN_CHECKOUT else fetch
        return CheckResult("reveal.js", False, "not found", install, needed=False)
    return CheckResult("reveal.js", True, reveal_assets.VERSION, needed=False)


def _check_media_dir(media_dir: Path) -> CheckResult:
    there = media_dir
    while not there.exists() and there != there.parent:
        there = there.parent
    writable = os.access(there, os.W_OK)
    found = f"{media_dir}: " + ("writable" if writable else f"{there} is read-only")
    return CheckResult(
        "media folder", writable, found, f"chmod u+w {there}, or --media-dir elsewhere"
    )


def _check_disk_space(media_dir: Path) -> CheckResult:
    there = media_dir if media_dir.exists() else Path.cwd()
    free = shutil.disk_usage(there).free
    found = f"{free / 1e9:.1f} GB free"
    clean = (
        "make clean, or free some space"
        if IN_CHECKOUT
        else f"rm -r {media_dir}/videos, or free some space"
    )
    return CheckResult("disk space", free > MIN_FREE_BYTES, found, clean)
