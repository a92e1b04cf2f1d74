"""Errors that users see: each says what is wrong, where, and what to do.

They are raised anywhere in the library and turned into a message in one place, the command line.
`exit_code` is the exit status: 2 for wrong use, 1 for a failure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserFacingError(Exception):
    """Base class of all errors shown to a user.

    `what` says what is wrong, `where` names the file or option, `hint` says what to do next, and
    `valid` lists the names that would have been accepted.
    """

    exit_code = 1

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", valid: Iterable[str] = ()
    ) -> None:
        self.what = what
        self.where = where
        self.hint = hint
        self.valid = tuple(valid)
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.hint:
            parts.append(self.hint)
        if self.valid:
            parts.append("Valid: " + ", ".join(self.valid))
        return "\n".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors are pickled between processes; by default, the joined message would become `what`.
        return (_rebuild, (type(self), self.what, self.where, self.hint, self.valid))


def _rebuild(
    cls: type[UserFacingError], what: str, where: str, hint: str, valid: tuple[str, ...]
) -> UserFacingError:
    return cls(what, where=where, hint=hint, valid=valid)


class UsageError(UserFacingError):
    """Wrong use: an unknown name, or an option or value that is not possible."""

    exit_code = 2


class RenderError(UserFacingError):
    """A scene that failed, or a file that could not be written."""


class UnsplittableError(RenderError):
    """A scene that cannot be rendered in segments, only whole."""


class SetupError(UserFacingError):
    """Software that is missing on this machine, or does not fit."""


def unknown_name(kind: str, name: str, valid: Iterable[str], *, where: str = "") -> UsageError:
    """A UsageError for a `name` that is not among `valid`; similar names are suggested.

    `kind` is the noun for what is named, such as "scene".
    """
    names = tuple(valid)
    by_lower = {each.lower(): each for each in names}
    similar = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
    suggestions = " or ".join(by_lower[key] for key in similar)
    hint = f"Did you mean {suggestions}?" if similar else ""
    return UsageError(f"no {kind} is called {name!r}.", where=where, hint=hint, valid=names)
