"""Output folders in which only files written by this program are ever replaced or removed.

Every output folder has a record, `.rendered-files`, which lists the files written into it with
their SHA-256 digests. A file is owned if the record lists it and it still has that digest. Symbolic
links are never owned. A `Rule` says what happens to other files.

    check_file(Path("talk.mp4"), (".mp4",), rule)     before rendering: raises UsageError
    put(folder, {"talk.mp4": path}, rule)             afterwards
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from deltarender.atomic_files import atomic_move, atomic_write, free_name
from deltarender.errors import UsageError

RECORD = ".rendered-files"
ABOUT = "The files that were rendered into this folder. Only these are ever replaced or removed."
FILE_SUFFIXES = (".html", ".htm", ".mp4", ".pdf", ".png", ".pptx", ".py", ".toml", ".txt")
Content = Path | str | bytes


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to a file that is not owned and whose name is needed.

    By default it raises UsageError. With `aside` the file is renamed (`name.kept-1`). Files in
    `force` are replaced. `known` is called for files that no record lists, and returns whether an
    earlier version of this program wrote them, which makes them owned.
    """

    aside: bool = False
    force: frozenset[Path] = frozenset()
    known: Callable[[Path], bool] = field(default=lambda path: False)


ASIDE = Rule(aside=True)


def put(
    folder: Path, files: Mapping[str, Content], rule: Rule, *, alone: bool = False
) -> list[Path]:
    """Write finished files into the existing `folder`, in the order given, each atomically.

    A Path is moved; text and bytes are written. With `alone`, owned files that are not among
    `files` are removed. The caller holds the lock of the folder. Returns the new paths of files
    that were set aside. Raises UsageError for a file that may not be replaced, OSError.
    """
    before = _read_record(folder, rule)
    blocked = [name for name in files if not _is_available(folder, name, before, rule)]
    if blocked and not rule.aside:
        raise _conflict(folder / blocked[0], before.get(blocked[0]))
    kept = [set_aside(_obstacle(folder, name)) for name in blocked]
    new = {name: [digest_of(content)] for name, content in files.items()}
    # Both digests, so that all files are still owned if this process is killed in between.
    both = {name: [*before.get(name, []), *new.get(name, [])] for name in {**before, **new}}
    _write_record(folder, both)
    for name, content in files.items():
        _put_one(folder / name, content)
    if alone:
        _remove(folder, [name for name in before if name not in new], before)
    _write_record(folder, new if alone else {**before, **new})
    return kept


def withdraw(folder: Path, name: str, rule: Rule) -> list[Path]:
    """Remove an owned file from `folder`.

    A file that is not owned is set aside, and its new path returned.
    """
    before = _read_record(folder, rule)
    if _exists(folder / name) and not _remove(folder, [name], before):
        if rule.known(folder / name):
            (folder / name).unlink()
        else:
            return [set_aside(folder / name)]
    return []


def remove_owned(folder: Path, names: Iterable[str], rule: Rule) -> None:
    """Remove those of `names` from `folder` that are owned; the others stay."""
    if folder.is_dir():
        _remove(folder, names, _read_record(folder, rule))


def check_file(
    target: Path, endings: Sequence[str], rule: Rule, beside: Iterable[str] = ()
) -> None:
    """Raise UsageError unless `target`, and the names `beside` it, may be written.

    `endings` are the valid suffixes of `target`.
    """
    if target.suffix.lower() not in endings:
        raise UsageError(
            f"this would not be a {' or '.join(endings)} file, and nothing else is written there.",
            where=str(target), hint="Choose another name for -o.", valid=endings,
        )  # fmt: skip
    check_parent(target)
    record = _read_record(target.parent, rule) if target.parent.is_dir() else {}
    for name in (target.name, *beside):
        if not _is_available(target.parent, name, record, rule):
            raise _conflict(target.parent / name, record.get(name))


def check_folder(target: Path, rule: Rule, *, force: bool, reserved: Iterable[str]) -> None:
    """Raise UsageError unless `target` may be used as an output folder.

    It must not exist, or contain only owned files. With `force` it may contain other files, except
    under `reserved` names.
    """
    if target.suffix.lower() in FILE_SUFFIXES:
        raise UsageError(
            f"a folder is written, and this is named like a {target.suffix} file.",
            where=str(target), hint="Name a folder with -o.",
        )  # fmt: skip
    check_parent(target)
    if not _exists(target):
        return
    if not target.is_dir():
        raise UsageError("a folder is written, and this is a file.", where=str(target))
    record = _read_record(target, rule)
    others = [name for name in entries(target) if not _is_owned(target, name, record, rule)]
    if others and not force:
        listed = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        raise UsageError(
            f"the folder holds what was not rendered into it: {listed}.", where=str(target),
            hint="Choose another -o, or add --force: the other files stay as they are.",
        )  # fmt: skip
    for name in reserved:
        if not _is_available(target, name, record, rule):
            raise _conflict(target / name, record.get(name))


def check_parent(target: Path) -> None:
    """Raise UsageError if a file is in the place of a parent folder of `target`."""
    for parent in target.parents:
        if _exists(parent):
            if not parent.is_dir():
                raise UsageError("this is not a folder.", where=str(parent))
            return


def entries(folder: Path) -> list[str]:
    """The relative names of all files, links and empty folders in `folder`, without the record."""
    found = []
    for place, folders, names in os.walk(folder):
        here = Path(place)
        links = [name for name in folders if (here / name).is_symlink()]
        empty = [n for n in folders if n not in links and not any((here / n).iterdir())]
        found += [(here / n).relative_to(folder).as_posix() for n in (*names, *links, *empty)]
    return sorted(name for name in found if name != RECORD)


def set_aside(path: Path) -> Path:
    """Rename a file, link or folder to the first free `name.kept-N`, and return its new path."""
    kept = free_name(path)
    path.rename(kept)
    return kept


def _put_one(target: Path, content: Content) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        atomic_move(content, target)
    else:
        atomic_write(target, content)


def _remove(folder: Path, names: Iterable[str], record: Mapping[str, list[str]]) -> bool:
    """Remove the owned files of `names`, and folders left empty.

    Returns whether all of `names` are gone.
    """
    all_removed = True
    for name in names:
        path = folder / name
        if not _is_owned(folder, name, record, Rule()):
            all_removed = all_removed and not _exists(path)
            continue
        path.unlink()
        for parent in path.relative_to(folder).parents:
            if parent != Path():
                with contextlib.suppress(OSError):
                    (folder / parent).rmdir()
    return all_removed


def _is_available(folder: Path, name: str, record: Mapping[str, list[str]], rule: Rule) -> bool:
    """Whether `name` may be written: it does not exist, is owned, or may be replaced by force."""
    obstacle = _obstacle(folder, name)
    if not _exists(obstacle):
        return True
    if obstacle != folder / name:
        return False
    is_file = obstacle.is_symlink() or obstacle.is_file()
    return is_file and (obstacle in rule.force or _is_owned(folder, name, record, rule))


def _obstacle(folder: Path, name: str) -> Path:
    """The path that decides whether `name` can be written: usually its own.

    It is that of a link or a file in the place of a folder of `name`, if there is one.
    """
    parent = folder
    for part in PurePosixPath(name).parts[:-1]:
        parent = parent / part
        if parent.is_symlink() or (_exists(parent) and not parent.is_dir()):
            return parent
    return folder / name


def _is_owned(folder: Path, name: str, record: Mapping[str, list[str]], rule: Rule) -> bool:
    path = _obstacle(folder, name)
    if path != folder / name or path.is_symlink() or not path.is_file():
        return False
    if name in record:
        return digest_of(path) in record[name]
    return rule.known(path)


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def digest_of(content: Content) -> str:
    """The SHA-256 digest of a file or of what will be written to one. Raises OSError."""
    if isinstance(content, Path):
        with open(content, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()


def _read_record(folder: Path, rule: Rule) -> dict[str, list[str]]:
    """The digests of the files in a folder's record, by name; empty if there is no record.

    An invalid record is set aside if `rule` says so. Otherwise raises UsageError.
    """
    path = folder / RECORD
    if not _exists(path):
        return {}
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError
        files = json.loads(path.read_bytes())["files"]
        return {str(name): [str(d) for d in files[name]] for name in files if _is_inside(name)}
    except (ValueError, KeyError, TypeError, RecursionError):
        if rule.aside:
            set_aside(path)
            return {}
        raise UsageError(
            "this is not a record of rendered files.", where=str(path), hint="Move it away."
        ) from None


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _write_record(folder: Path, files: Mapping[str, list[str]]) -> None:
    text = json.dumps({"about": ABOUT, "files": dict(sorted(files.items()))}, indent=1)
    atomic_write(folder / RECORD, text + "\n")


def _conflict(path: Path, listed: list[str] | None) -> UsageError:
    if path.is_dir() and not path.is_symlink():
        return UsageError("a folder is there.", where=str(path), hint="Choose another -o.")
    reason = "is a link" if path.is_symlink() else "was not rendered by this program"
    if listed and not path.is_symlink():
        reason = "was changed since it was rendered"
    return UsageError(
        f"it {reason} and would be replaced.", where=str(path),
        hint="Move it away, choose another -o, or add --force to replace the file named by -o "
        "(no other).",
    )  # fmt: skip
