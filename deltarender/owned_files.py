"""Which files we wrote, so that no others are ever replaced or removed.

Every folder that results are put into has a record, `.rendered-files`: the names of our files with
their SHA-256 digests. A file is ours if the record lists it and it still has that digest; a link
never is. What is done about other files is said by a `Rule`.

    check_file(Path("talk.mp4"), (".mp4",), rule)     before rendering: raises UsageError
    put(folder, {"talk.mp4": made}, rule)             afterwards
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
FILES = (".html", ".htm", ".mp4", ".pdf", ".png", ".pptx", ".py", ".toml", ".txt")
Content = Path | str | bytes


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to a file in the way that is not ours.

    It is refused; with `aside` it is renamed instead (`name.kept-1`); those in `force` are
    replaced. `known` tells of files without a record whether an earlier version wrote them.
    """

    aside: bool = False
    force: frozenset[Path] = frozenset()
    known: Callable[[Path], bool] = field(default=lambda path: False)


ASIDE = Rule(aside=True)


def put(
    folder: Path, files: Mapping[str, Content], rule: Rule, *, alone: bool = False
) -> list[Path]:
    """Put finished files into `folder`, which exists, in their order; each appears whole.

    A Path is moved, text and bytes are written. With `alone`, files of ours that are not among
    `files` are removed. The caller sees to it that one process does this at a time. Gives the
    new names of what was set aside. Raises UsageError for what is in the way, OSError.
    """
    before = _read(folder, rule)
    blocked = [name for name in files if not _free(folder, name, before, rule)]
    if blocked and not rule.aside:
        raise _refused(folder / blocked[0], before.get(blocked[0]))
    kept = [set_aside(_obstacle(folder, name)) for name in blocked]
    new = {name: [_digest(content)] for name, content in files.items()}
    # Both digests, so that a run that is killed now leaves nothing that passes for another's.
    both = {name: [*before.get(name, []), *new.get(name, [])] for name in {**before, **new}}
    _write(folder, both)
    for name, content in files.items():
        _put_one(folder / name, content)
    if alone:
        _remove(folder, [name for name in before if name not in new], before)
    _write(folder, new if alone else {**before, **new})
    return kept


def withdraw(folder: Path, name: str, rule: Rule) -> list[Path]:
    """Remove a file of ours from `folder`; another's is set aside, and its new name given."""
    before = _read(folder, rule)
    if _there(folder / name) and not _remove(folder, [name], before):
        if rule.known(folder / name):
            (folder / name).unlink()
        else:
            return [set_aside(folder / name)]
    return []


def check_file(
    target: Path, endings: Sequence[str], rule: Rule, beside: Iterable[str] = ()
) -> None:
    """Raise UsageError unless a file may be put at `target`, and at the names `beside` it."""
    if target.suffix.lower() not in endings:
        raise UsageError(
            f"this would not be a {' or '.join(endings)} file, and nothing else is written there.",
            where=str(target), hint="Choose another name for -o.", valid=endings,
        )  # fmt: skip
    check_parent(target)
    record = _read(target.parent, rule) if target.parent.is_dir() else {}
    for name in (target.name, *beside):
        if not _free(target.parent, name, record, rule):
            raise _refused(target.parent / name, record.get(name))


def check_folder(target: Path, rule: Rule, *, force: bool, reserved: Iterable[str]) -> None:
    """Raise UsageError unless `target` may be a folder of our files.

    It must be absent or hold only what is ours; with `force` others' files may lie there, but not
    at `reserved` names.
    """
    if target.suffix.lower() in FILES:
        raise UsageError(
            f"a folder is written, and this is named like a {target.suffix} file.",
            where=str(target), hint="Name a folder with -o.",
        )  # fmt: skip
    check_parent(target)
    if not _there(target):
        return
    if not target.is_dir():
        raise UsageError("a folder is written, and this is a file.", where=str(target))
    record = _read(target, rule)
    others = [name for name in entries(target) if not _ours(target, name, record, rule)]
    if others and not force:
        listed = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        raise UsageError(
            f"the folder holds what was not rendered into it: {listed}.", where=str(target),
            hint="Choose another -o, or add --force: the other files stay as they are.",
        )  # fmt: skip
    for name in reserved:
        if not _free(target, name, record, rule):
            raise _refused(target / name, record.get(name))


def check_parent(target: Path) -> None:
    """Raise UsageError if `target` cannot be made because a file stands where a folder must be."""
    for parent in target.parents:
        if _there(parent):
            if not parent.is_dir():
                raise UsageError("this is not a folder.", where=str(parent))
            return


def entries(folder: Path) -> list[str]:
    """All files and links below `folder`, and folders that are empty, by relative name."""
    found = []
    for place, folders, names in os.walk(folder):
        here = Path(place)
        links = [name for name in folders if (here / name).is_symlink()]
        empty = [n for n in folders if n not in links and not any((here / n).iterdir())]
        found += [(here / n).relative_to(folder).as_posix() for n in (*names, *links, *empty)]
    return sorted(name for name in found if name != RECORD)


def set_aside(path: Path) -> Path:
    """Rename a file, link or folder to the first free `name.kept-N`; gives its new place."""
    place = free_name(path)
    path.rename(place)
    return place


def _put_one(target: Path, content: Content) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        atomic_move(content, target)
    else:
        atomic_write(target, content)


def _remove(folder: Path, names: Iterable[str], record: Mapping[str, list[str]]) -> bool:
    """Remove those of `names` that are ours, and folders they leave empty; whether all were."""
    every = True
    for name in names:
        path = folder / name
        if not _ours(folder, name, record, Rule()):
            every = every and not _there(path)
            continue
        path.unlink()
        for parent in path.relative_to(folder).parents:
            if parent != Path():
                with contextlib.suppress(OSError):
                    (folder / parent).rmdir()
    return every


def _free(folder: Path, name: str, record: Mapping[str, list[str]], rule: Rule) -> bool:
    """Whether a file may be put at `name`: nothing is there, it is ours, or it may be replaced."""
    obstacle = _obstacle(folder, name)
    if not _there(obstacle):
        return True
    if obstacle != folder / name:
        return False
    plain = obstacle.is_symlink() or obstacle.is_file()
    return plain and (obstacle in rule.force or _ours(folder, name, record, rule))


def _obstacle(folder: Path, name: str) -> Path:
    """The link or file below `folder` where `name` needs a folder; otherwise its own place."""
    place = folder
    for part in PurePosixPath(name).parts[:-1]:
        place = place / part
        if place.is_symlink() or (_there(place) and not place.is_dir()):
            return place
    return folder / name


def _ours(folder: Path, name: str, record: Mapping[str, list[str]], rule: Rule) -> bool:
    path = _obstacle(folder, name)
    if path != folder / name or path.is_symlink() or not path.is_file():
        return False
    if name in record:
        return _digest(path) in record[name]
    return rule.known(path)


def _there(path: Path) -> bool:
    return os.path.lexists(path)


def _digest(content: Content) -> str:
    if isinstance(content, Path):
        with open(content, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()


def _read(folder: Path, rule: Rule) -> dict[str, list[str]]:
    """The record of a folder, empty if it has none. Raises UsageError for a file that is none."""
    path = folder / RECORD
    if not _there(path):
        return {}
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError
        files = json.loads(path.read_bytes())["files"]
        return {str(name): [str(d) for d in files[name]] for name in files if _inside(name)}
    except (ValueError, KeyError, TypeError):
        if rule.aside:
            set_aside(path)
            return {}
        raise UsageError(
            "this is not a record of rendered files.", where=str(path), hint="Move it away."
        ) from None


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _write(folder: Path, files: Mapping[str, list[str]]) -> None:
    text = json.dumps({"about": ABOUT, "files": dict(sorted(files.items()))}, indent=1)
    atomic_write(folder / RECORD, text + "\n")


def _refused(path: Path, listed: list[str] | None) -> UsageError:
    if path.is_dir() and not path.is_symlink():
        return UsageError("a folder is there.", where=str(path), hint="Choose another -o.")
    why = "is a link" if path.is_symlink() else "was not rendered by this program"
    if listed and not path.is_symlink():
        why = "was changed since it was rendered"
    return UsageError(
        f"it {why} and would be replaced.", where=str(path),
        hint="Move it away, choose another -o, or add --force to replace the file named by -o "
        "(no other).",
    )  # fmt: skip
