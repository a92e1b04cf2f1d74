"""Errors for users: each says what is wrong, where, and what to do.

The base classes are in `deltarender.errors`; so the command line can print the errors of both
packages in one place. `exit_code` is the exit status: 2 for wrong use, 1 for a failure.
"""

from __future__ import annotations

from deltarender.errors import RenderError, SetupError, UsageError, unknown_name
from deltarender.errors import UserFacingError as GradreelError

__all__ = [
    "ExpressionError",
    "GradreelError",
    "NumberError",
    "RecordingError",
    "RenderError",
    "SetupError",
    "UsageError",
    "unknown_name",
]


class ExpressionError(UsageError):
    """A formula that cannot be parsed, or that contains more than arithmetic."""


class RecordingError(GradreelError):
    """A program that cannot be recorded exactly, or an inconsistent recording."""


class NumberError(GradreelError):
    """A number without a recorded source that was to be drawn."""
