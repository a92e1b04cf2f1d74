"""Downloads the files of reveal.js that go into an html deck, at set-up time.

`python -m gradreel.publish.reveal_assets` puts them into the cache of the user, where manim-slides
keeps the same files. Building a deck never uses the network.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import tarfile
import urllib.request
from pathlib import Path

from deltarender.atomic_files import atomic_write
from gradreel.errors import GradreelError, SetupError

VERSION = "6.0.1"
SHA256 = "7a3bc5096c435b893fd7488ff444c1c1c232e1e6987b6de68696e706437d0a4f"
FILES = ("reveal.css", "reveal.js", "plugin/notes.js")


def assets_folder() -> Path:
    """The folder of the files, in the user's cache. Raises SetupError without platformdirs."""
    try:
        from platformdirs import user_cache_path
    except ImportError:
        raise SetupError(
            "decks need platformdirs, which is not installed.",
            hint='Install it: pip install "gradreel[slides]"',
        ) from None
    return user_cache_path("manim-slides") / f"revealjs{VERSION}"


def require_assets() -> None:
    """Raise SetupError if a file is missing or empty."""
    for name in FILES:
        path = assets_folder() / Path(name).name
        if not path.is_file() or not path.stat().st_size:
            raise SetupError(
                "reveal.js is not installed, which an html deck is made of.",
                where=str(path),
                hint="Run once, with a network: python -m gradreel.publish.reveal_assets",
            )


def download_assets() -> Path:
    """Download the npm package, verify its digest, store the files; returns their folder.

    Raises SetupError if the package cannot be downloaded or its digest is not SHA256.
    """
    registry = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
    url = f"{registry}/reveal.js/-/reveal.js-{VERSION}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            raw = response.read()
    except OSError as error:
        raise SetupError(f"cannot be fetched: {error}.", where=url) from None
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise SetupError("is not the expected file: its digest differs.", where=url)
    assets_folder().mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(raw)) as package:
        for name in FILES:
            member = package.extractfile(f"package/dist/{name}")
            assert member is not None
            atomic_write(assets_folder() / Path(name).name, member.read())
    return assets_folder()


def main() -> int:
    """Download the files unless they are there; returns the exit code."""
    try:
        require_assets()
    except SetupError:
        try:
            download_assets()
        except GradreelError as error:
            print(f"Error: {error}", file=sys.stderr)
            return error.exit_code
    print(assets_folder())
    return 0


if __name__ == "__main__":
    sys.exit(main())
