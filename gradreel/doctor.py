"""Checks of this machine: the programs and libraries gradreel needs, and how to install them."""

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

SETUP_COMMAND = "make setup"
MIN_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check.

    `found` is a version, a path or the problem; `install` is the command that solves it; `needed`
    is False for what only some commands use.
    """

    name: str
    ok: bool
    found: str
    install: str = ""
    needed: bool = True


def run_checks(media_dir: Path) -> list[CheckResult]:
    """All checks, in the order in which things have to be installed."""
    checks: list[Callable[[], CheckResult]] = [
        _check_python,
        lambda: _check_program(
            "C compiler", ("cc", "gcc", "clang"), _install_command("build-essential")
        ),
        lambda: _check_program("pkg-config", ("pkg-config",), _install_command("pkg-config")),
        lambda: _check_library("cairo", _install_command("libcairo2-dev")),
        lambda: _check_library("pangocairo", _install_command("libpango1.0-dev")),
        *(lambda name=name: _check_package(name) for name in ("manim", "torch", "typst", "av")),
        _check_renderer,
        _check_x264,
        lambda: _check_media_dir(media_dir),
        lambda: _check_disk_space(media_dir),
        lambda: _check_program(
            "chromium", ("chromium", "google-chrome"), _install_command("chromium"), needed=False
        ),
        lambda: _check_package("manim-slides", needed=False),
        _check_reveal,
        lambda: _check_program(
            "espeak-ng", ("espeak-ng",), _install_command("espeak-ng"), needed=False
        ),
    ]
    return [check() for check in checks]


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
        return CheckResult(name, False, "cannot be checked: pkg-config is missing", install)
    done = subprocess.run(["pkg-config", "--modversion", name], capture_output=True, text=True)
    version = done.stdout.strip()
    return CheckResult(name, done.returncode == 0, version or "no headers found", install)


def _check_package(name: str, needed: bool = True) -> CheckResult:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return CheckResult(name, False, "not installed", SETUP_COMMAND, needed)
    if name == "torch" and "cu" in version.partition("+")[2]:
        version += " (a CUDA build: the CPU build is enough, and smaller)"
    return CheckResult(name, True, version, SETUP_COMMAND, needed)


def _check_renderer() -> CheckResult:
    from deltarender import native_build

    problem = native_build.build_problem()
    return CheckResult("renderer", not problem, problem or "built", SETUP_COMMAND)


def _check_x264() -> CheckResult:
    try:
        import av

        av.codec.Codec("libx264", "w")
    except ImportError:
        return CheckResult("x264 encoder", False, "av is not installed", SETUP_COMMAND)
    except ValueError:
        return CheckResult("x264 encoder", False, "av was built without libx264", SETUP_COMMAND)
    return CheckResult("x264 encoder", True, "in av")


def _check_reveal() -> CheckResult:
    from gradreel.errors import SetupError
    from gradreel.publish import reveal_assets

    try:
        reveal_assets.check()
    except (SetupError, ImportError):
        return CheckResult("reveal.js", False, "not found", "make publishing", needed=False)
    return CheckResult("reveal.js", True, reveal_assets.VERSION, needed=False)


def _check_media_dir(media_dir: Path) -> CheckResult:
    existing = media_dir
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    writable = os.access(existing, os.W_OK)
    found = f"{media_dir}: " + ("writable" if writable else f"{existing} is read-only")
    return CheckResult(
        "media folder", writable, found, f"chmod u+w {existing}, or --media-dir elsewhere"
    )


def _check_disk_space(media_dir: Path) -> CheckResult:
    folder = media_dir if media_dir.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free"
    return CheckResult("disk space", free > MIN_FREE_BYTES, found, "make clean, or free some space")
