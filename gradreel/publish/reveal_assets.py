"""The six files of reveal.js that a deck needs, fetched at set-up and never at run time.

`python -m gradreel.publish.reveal_assets` puts them where manim-slides looks for them.
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
FILES = (
    "reveal.css", "theme/black.css", "plugin/highlight/zenburn.css", "reveal.js",
    "plugin/notes.js", "plugin/markdown.js",
)  # fmt: skip


def home() -> Path:
    """The folder of the files."""
    from platformdirs import user_cache_path

    return user_cache_path("manim-slides") / f"revealjs{VERSION}"


def check() -> None:
    """Raise SetupError if a file is missing or empty."""
    for name in FILES:
        path = home() / Path(name).name
        if not path.is_file() or not path.stat().st_size:
            raise SetupError(
                "reveal.js is not installed, which an html deck is made of.",
                where=str(path),
                hint="Run once, with a network: python -m gradreel.publish.reveal_assets",
            )


def fetch() -> Path:
    """Download the npm package, check its digest, keep the six files."""
    registry = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
    url = f"{registry}/reveal.js/-/reveal.js-{VERSION}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            raw = answer.read()
    except OSError as error:
        raise SetupError(f"cannot be fetched: {error}.", where=url) from None
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise SetupError("is not the file it should be: its digest differs.", where=url)
    home().mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(raw)) as package:
        for name in FILES:
            member = package.extractfile(f"package/dist/{name}")
            assert member is not None
            atomic_write(home() / Path(name).name, member.read())
    return home()


def main() -> int:
    """Fetch the files unless they are there."""
    try:
        check()
    except SetupError:
        try:
            fetch()
        except GradreelError as error:
            print(f"Error: {error}", file=sys.stderr)
            return error.exit_code
    print(home())
    return 0


if __name__ == "__main__":
    sys.exit(main())
