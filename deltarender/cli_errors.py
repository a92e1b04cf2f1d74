"""Errors of a command line: printed on stderr, and turned into an exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any

import click

from deltarender.atomic_files import DISK_ERRORS, as_render_error
from deltarender.errors import UserFacingError

INTERRUPTED = 130  # the exit code after Ctrl-C


def print_any_path() -> None:
    """Let stdout print paths that are not valid UTF-8, byte by byte as they are."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")


def json_document(document: Any) -> str:
    """`document` as JSON text: readable, or in ASCII where a path in it is not valid UTF-8."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(document, indent=1)
    return text


def print_json(document: Any) -> None:
    """Print the one JSON document of a command with --json on stdout."""
    click.echo(json_document(document))
    _Printed.document = True


class _Printed:
    """Whether this process has printed its JSON document."""

    document = False


def begin() -> None:
    """Prepare this process for a command: no document is printed yet, and SIGTERM is as Ctrl-C.

    The program then ends with a message, and with everything cleaned up.
    """
    _Printed.document = False

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)


def ignore_interrupts() -> None:
    """Ignore Ctrl-C from now on: the program is ending, and must not be stopped half way.

    An interrupt while Python ends would be told as a traceback, or as death by a signal.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def fail(error: BaseException, program: str, arguments: list[str] | None) -> int:
    """Report `error`, and return the exit code of `program`, called with `arguments`.

    With --json a document on stdout says what failed, unless there is one already.
    """
    code = exit_code_for(error, program)
    options = sys.argv[1:] if arguments is None else arguments
    if code and "--json" in options and not _Printed.document:
        with contextlib.suppress(OSError, ValueError):
            print_json(_failure(error, code))
    return code


def _failure(error: BaseException, code: int) -> dict[str, Any]:
    """What failed, as the JSON document of a command."""
    if isinstance(error, UserFacingError):
        what = f"{error.where}: {error.what}" if error.where else error.what
        return {
            "error": what, "hint": error.hint, "valid": list(error.valid), "exit_code": code,
        }  # fmt: skip
    if isinstance(error, click.ClickException):
        what = error.format_message()
    elif code == INTERRUPTED:
        what = "Interrupted."
    else:
        what = f"{type(error).__name__}: {error}"
    return {"error": what, "hint": "", "valid": [], "exit_code": code}


def exit_code_for(error: BaseException, program: str) -> int:
    """Print `error`, and return the exit code: 2 for wrong use, 130 for an interrupt, else 1.

    0 if stdout was closed by its reader. The traceback of an unexpected error is written to a log
    file that is named after `program`.
    """
    if isinstance(error, UserFacingError):
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return 2 if isinstance(error, click.UsageError) else error.exit_code
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        ignore_interrupts()
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        click.echo(
            f"Error: {str(error.filename)[:80]}…: a name in this path is too long.\n"
            "Most file systems allow 255 bytes for each name.",
            err=True,
        )
        return 2
    if isinstance(error, BrokenPipeError):
        discard_output()
        return 0
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        click.echo(f"Error: {as_render_error(error, Path())}", err=True)
        return 1
    return _report_crash(error, program)


def is_broken_pipe() -> bool:
    """Whether click ended the program because the reader of stdout has gone, as `head` does.

    Click then exits with 1, and leaves a wrapper around stdout, which is no stream of text itself.
    """
    return not isinstance(sys.stdout, io.TextIOBase)


def discard_output() -> None:
    """Send what is left of stdout nowhere: the flush at exit must not fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]


def _report_crash(error: BaseException, program: str) -> int:
    what = f"Error: something unforeseen happened: {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix=f"{program}-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            traceback.print_exception(error, file=log)
        details = f"The details are in {log.name}; please report them."
    except OSError:  # there is no room for a log
        details = "".join(traceback.format_exception(error))
    click.echo(f"{what}\n{details}", err=True)
    return 1
