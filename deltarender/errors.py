"""Errors that users see: each says what is wrong, where, and what to do.

They are raised anywhere in the library and turned into a message in one place, the command line.
`exit_code` is the exit status: 2 for wrong use, 1 for a failure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserFacingError(Exception):
    """Base of every error shown to a user.

    `what` is wrong, `where` it was found, `hint` is the next thing to do, `valid` lists the names
    that would have been accepted.
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
        # Errors cross process borders; the default would hand the joined message to `what`.
        return (_rebuild, (type(self), self.what, self.where, self.hint, self.valid))


def _rebuild(
    kind: type[UserFacingError], what: str, where: str, hint: str, valid: tuple[str, ...]
) -> UserFacingError:
    return kind(what, where=where, hint=hint, valid=valid)


class UsageError(UserFacingError):
    """The user asked for something that cannot be: a wrong name, option or value."""

    exit_code = 2


class RenderError(UserFacingError):
    """A scene or a file that could not be produced."""


class UnsplittableError(RenderError):
    """A scene that cannot be rendered in segments, only whole."""


class SetupError(UserFacingError):
    """Something this machine lacks."""


def unknown_name(kind: str, given: str, valid: Iterable[str], *, where: str = "") -> UsageError:
    """A UsageError for a name that is not among `valid`, with the nearest ones suggested."""
    names = tuple(valid)
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(given.lower(), by_lower, n=3, cutoff=0.5)
    hint = "Did you mean " + " or ".join(by_lower[name] for name in near) + "?" if near else ""
    return UsageError(f"no {kind} is called {given!r}.", where=where, hint=hint, valid=names)
