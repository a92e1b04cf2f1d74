"""The errors a user can meet: each says what is wrong, where, and what to do.

The family begins in `deltarender.errors`, so that the command line turns every error of both
packages into a message in one place. `exit_code` is the exit status: 2 for wrong use, 1 for a
failure.
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
    """A formula that cannot be parsed, or that asks for more than arithmetic."""


class RecordingError(GradreelError):
    """A program that cannot be recorded faithfully, or a recording that is not consistent."""


class NumberError(GradreelError):
    """A number was to be drawn that comes from no recording."""
