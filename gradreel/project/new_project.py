"""Creates a lecture project from the template beside this file.

The template's files end in `.template`, and a name that begins with `dot-` gets a dot, so that no
tool takes them for files of this package. `{{name}}` and the like are replaced in their texts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from gradreel import __version__
from gradreel.errors import RenderError, UsageError

SUFFIX = ".template"


def create_project(folder: Path) -> list[Path]:
    """Write a new project into `folder`, and return its files in order.

    The folder may exist and hold other files. Raises UsageError, before anything is written, if a
    file of the project is there already, and RenderError where nothing can be written.
    """
    contents = template_files(folder)
    taken = [name for name in contents if _is_taken(folder, name)]
    if taken:
        raise UsageError(
            f"there already is {', '.join(taken)}.", where=str(folder),
            hint="Nothing was written. Name a new folder.",
        )  # fmt: skip
    written = []
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content)
            written.append(path)
    except OSError as error:
        raise RenderError(f"it cannot be written: {error.strerror}.", where=str(path)) from None
    return written


def template_files(folder: Path) -> dict[str, bytes]:
    """The contents of the files of a project in `folder`, by relative path."""
    title = re.sub(r"[-_\s]+", " ", folder.absolute().name).strip() or "Lecture"
    title = title[0].upper() + title[1:]
    values = {"title": title.replace("\\", "").replace('"', ""), "version": __version__}
    root = resources.files("gradreel.project") / "template"
    return dict(sorted(_filled(root, PurePosixPath(), values)))


def _filled(
    folder: Traversable, relative: PurePosixPath, values: Mapping[str, str]
) -> list[tuple[str, bytes]]:
    """Path and content of each file below a folder of the template."""
    found = []
    for entry in folder.iterdir():
        name = relative / re.sub(r"^dot-", ".", entry.name.removesuffix(SUFFIX))
        if entry.is_dir():
            found += _filled(entry, name, values)
        elif entry.name.endswith(SUFFIX):
            content = entry.read_bytes()
            for key, value in values.items():
                content = content.replace(b"{{" + key.encode() + b"}}", value.encode())
            found.append((str(name), content))
    return found


def _is_taken(folder: Path, name: str) -> bool:
    """Whether a file, or a file or link in the place of one of its folders, is in the way."""
    path = folder / name
    parents = [parent for parent in path.parents if parent.is_relative_to(folder)]
    if os.path.lexists(path):
        return True
    return any(os.path.lexists(p) and not p.is_dir() for p in (*parents, *folder.parents))
