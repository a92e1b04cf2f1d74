"""`render -o FILE`: a copy of the video of one scene, under a name of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deltarender.errors import UsageError
from deltarender.jobs import FORMATS, Job, dedupe_jobs
from deltarender.option_sources import is_default
from deltarender.owned_files import Rule, check_file, put
from deltarender.report import Report


def format_of(target: Path | None) -> dict[str, Any]:
    """The setting `format` that follows from the ending of `target`, unless one is given."""
    ending = target.suffix.lower().removeprefix(".") if target is not None else ""
    chosen = not is_default("format") or not is_default("last_frame")
    return {} if chosen or ending not in FORMATS else {"format": ending}


def check(target: Path | None, jobs: Sequence[Job], form: str, force: bool) -> Rule:
    """The rule by which `target` is written. Raises UsageError if it cannot be written."""
    if target is None:
        return Rule()
    if len(names := [str(job) for job in dedupe_jobs(list(jobs))]) != 1:
        raise UsageError(
            f"-o names one file, for one scene; these are {len(names)}: {', '.join(names)}.",
            where=str(target), hint="Name one scene, or leave out -o; `film` joins several.",
        )  # fmt: skip
    rule = Rule(force=frozenset({target} if force else ()))
    check_file(target, (f".{form}",), rule)
    return rule


def write(target: Path | None, report: Report, rule: Rule) -> None:
    """Copy the video of the only result to `target`, which becomes its path."""
    from deltarender.atomic_files import dir_lock, ensure_writable

    if target is None:
        return
    (result,) = report.results
    if result.path is None or result.status not in ("rendered", "fresh"):
        return
    ensure_writable(target.parent)
    with dir_lock(ensure_writable(result.job.scratch)):
        put(target.parent, {target.name: result.path.read_bytes()}, rule)
    result.path = target
