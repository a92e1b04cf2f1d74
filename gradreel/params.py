"""Parameters of a scene: typed, described, checked before anything is drawn.

A scene declares them as a class body of its own:

    class Params(SceneParams):
        x: float = param(2.0, "where the point starts", ge=-10, le=10)

The body may use only the names this module exports, because the catalogue reads it out of the
scene file without importing the scene; `list` and `-P` checks then need neither manim nor torch.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gradreel.errors import UsageError, unknown_name

__all__ = ["Annotated", "AfterValidator", "Literal", "SceneParams", "param"]


def param(default: Any, help: str, **limits: Any) -> Any:
    """A parameter with its default, what it means, and its limits (ge, gt, le, lt, min_length)."""
    return Field(default, description=help, **limits)


class SceneParams(BaseModel):
    """Base of every scene's `Params`: frozen, checked, with no room for misspelt names."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @classmethod
    def from_text(cls, raw: Any) -> SceneParams:
        """Parameters from the texts of the command line; UsageError says which wants what."""
        for name in raw:
            if name not in cls.model_fields:
                raise unknown_name("parameter", name, cls.model_fields)
        try:
            return cls(**raw)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            field = cls.model_fields[name]
            raise UsageError(
                f"{name}={first['input']}: {first['msg']}", hint=f"{name}: {field.description}"
            ) from None
