"""The script of a walkthrough: where it is found, how it is run, and its parameters as text."""

from __future__ import annotations

from pathlib import Path

from gradreel.errors import UsageError
from gradreel.trace.script_trace import ScriptTrace

PACKAGE_FOLDER = Path(__file__).resolve().parent.parent  # gradreel/, with assets/ inside it


def run_script(path: str) -> ScriptTrace:
    """Trace the script at `path`; see `find_script` for where it is looked for."""
    from gradreel.trace.runner import trace  # loads torch, which takes about a second

    return trace(find_script(path))


def find_script(path: str) -> Path:
    """The script at `path` relative to the working directory, or else to the gradreel package.

    The second makes the scripts of the package, `assets/programs/...`, available from any working
    directory. A path that exists in neither is returned unchanged: the tracer reports it.
    """
    in_package = PACKAGE_FOLDER / path
    return in_package if not Path(path).exists() and in_package.exists() else Path(path)


def line_numbers(text: str) -> tuple[int, ...]:
    """The line numbers in a parameter such as `7,9`; UsageError for anything else."""
    words = comma_separated(text)
    wrong = next((word for word in words if not word.isdigit()), None)
    if wrong is not None:
        raise UsageError(
            f"{wrong!r} is not a line number.", where="linger", hint="Write lines as in linger=7,9"
        )
    return tuple(int(word) for word in words)


def comma_separated(text: str) -> tuple[str, ...]:
    """The words of a parameter such as `x,loss`."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
