"""Errors of a command line: printed on stderr, and turned into an exit code."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import traceback
from typing import Any

import click

from deltarender.errors import UserFacingError


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
        click.echo("Interrupted.", err=True)
        return 130
    if isinstance(error, BrokenPipeError):
        # The reader of stdout has gone; the interpreter's flush at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return _report_crash(error, program)


def _report_crash(error: BaseException, program: str) -> int:
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"{program}-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exception(error, file=log)
    click.echo(
        f"Error: something unforeseen happened: {type(error).__name__}: {error}\n"
        f"The details are in {log.name}; please report them.",
        err=True,
    )
    return 1
