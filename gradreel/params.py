"""Typed parameters of a scene, validated before anything is drawn.

A scene declares them in a nested class:

    class Params(SceneParams):
        x: float = param(2.0, "where the point starts", ge=-10, le=10)

The body may use only the names that this module exports: the catalogue executes it without
importing the scene, so that `list` and the check of `-P` need neither manim nor torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo

from gradreel.errors import ExpressionError, UsageError, unknown_name
from gradreel.expression import parse
from gradreel.source_ref import parse_source_ref, require_file

__all__ = [
    "Annotated",
    "FormulaParam",
    "FormulaParam2",
    "Literal",
    "OptimizerName",
    "ProgramParams",
    "UserFunction",
    "UserFunction2",
    "SceneParams",
    "ValidationInfo",
    "WalkthroughParams",
    "field_validator",
    "param",
]


def param(default: Any, help: str, **limits: Any) -> Any:
    """A parameter with its default, a description, and optional limits (ge, gt, le, lt)."""
    return Field(default, description=help, **limits)


def _check_formula_of_x(text: str) -> str:
    return parse(text, ("x",)).text


def _check_formula_of_x_and_y(text: str) -> str:
    return parse(text, ("x", "y")).text


FormulaParam = Annotated[str, AfterValidator(_check_formula_of_x)]
"""The text of a formula in x, such as `x*sin(x)`; it is parsed, not executed."""

FormulaParam2 = Annotated[str, AfterValidator(_check_formula_of_x_and_y)]
"""The text of a formula in x and y, such as `x**2 + 2*x*y`."""


def _check_function_of_x(text: str) -> str:
    """A formula in x, or a reference to a file.

    The error for a formula in x and y lists the scenes that take one.
    """
    if _is_in_file(text):
        return text.strip()
    try:
        return _check_formula_of_x(text)
    except ExpressionError:
        if not _is_formula_of_x_and_y(text):
            raise
    raise ExpressionError(
        "this is a function of x and y; here a function of x alone is needed.",
        where=repr(text),
        hint="LossSurface, GradientVector and OptimizerRace draw functions of x and y.",
    )


def _is_formula_of_x_and_y(text: str) -> bool:
    try:
        return bool(_check_formula_of_x_and_y(text))
    except ExpressionError:
        return False


def _check_function_of_x_and_y(text: str) -> str:
    return text.strip() if _is_in_file(text) else _check_formula_of_x_and_y(text)


def _is_in_file(text: str) -> bool:
    reference = parse_source_ref(text)
    return reference is not None and bool(require_file(reference[0]))


UserFunction = Annotated[str, AfterValidator(_check_function_of_x)]
"""A function of x: a formula, or `path.py:function` for one written in PyTorch."""

UserFunction2 = Annotated[str, AfterValidator(_check_function_of_x_and_y)]
"""A function of x and y: a formula, or `path.py:function` for one written in PyTorch."""

OptimizerName = Literal["SGD", "momentum", "Nesterov", "Adagrad", "RMSprop", "Adam"]
"""An optimizer of torch.optim; `gradreel.measure.optimizers` makes it."""


class SceneParams(BaseModel):
    """Base class of every scene's `Params`: frozen and validated; unknown names are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def from_text(cls, raw: Mapping[str, str]) -> Self:
        """Parameters from the texts of the command line; raises UsageError for wrong ones."""
        for name in raw:
            if name not in cls.model_fields:
                raise cls._unknown_parameter(name, raw[name])
        try:
            return cls.model_validate(
                {name: _split(cls.model_fields[name], text.strip()) for name, text in raw.items()}
            )
        except ExpressionError:
            raise
        except ValidationError as error:
            raise _as_usage_error(cls, raw, error) from None

    @classmethod
    def _unknown_parameter(cls, name: str, text: str) -> UsageError:
        error = unknown_name("parameter", name, cls.model_fields, where=f"-P {name}")
        if "inputs" not in cls.model_fields or not name.isidentifier():
            return error
        hint = f"{error.hint} {_among_inputs(name, text)}".strip()
        return UsageError(error.what, where=error.where, hint=hint, valid=error.valid)

    @classmethod
    def describe(cls) -> list[dict[str, Any]]:
        """Name, type with limits, default and description of every parameter, JSON-serializable."""
        return [
            {
                "name": name,
                "type": describe_type(field),
                "default": field.default,
                "help": field.description or "",
            }
            for name, field in cls.model_fields.items()
        ]


class ProgramParams(SceneParams):
    """The parameters of a scene that records a program of x and y, or one by the user.

    A scene may redeclare `inputs` to say what it takes.
    """

    program: str = param(
        "two paths",
        "two paths, one chain, three uses; a formula such as x*y + x**2; or file.py:function",
    )
    x: float = param(2.0, "the input x, where the program has one")
    y: float = param(3.0, "the input y, where the program has one")
    inputs: str = param("", "other inputs by name, such as w=0.5, b=randn(2, 3)")
    init: str = param("", "arguments of a module class, such as hidden=8")
    loss: str = param("", "the loss of a program that returns logits: cross_entropy([0, 2]), sum")
    seed: int = param(0, "the seed of weights, random inputs and dropout", ge=0)


class WalkthroughParams(SceneParams):
    """The parameters of a scene that walks through a script.

    A scene redeclares `script` to set its own default; the other two keep theirs.
    """

    script: str = param("assets/programs/three_pillars.py", "the script to walk through")
    linger: str = param("", "lines to stay on for longer, such as 7,9")
    watch: str = param("", "variables to show, such as x,loss; all when empty")


def _among_inputs(name: str, text: str) -> str:
    return f'An input of the program is given as -P inputs="{name}={text.strip()}".'


def _as_usage_error(
    cls: type[SceneParams], raw: Mapping[str, str], error: ValidationError
) -> UsageError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    field = cls.model_fields.get(name)
    if field is None:
        return UsageError(str(first["msg"]).removeprefix("Value error, "), where="-P")
    cause = first.get("ctx", {}).get("error")
    detail = f" {cause}" if cause is not None else ""
    hint = f"{name}: {field.description}." if field.description else ""
    if name in ("x", "y") and "inputs" in cls.model_fields:
        hint = f"{hint} {_among_inputs(name, str(raw.get(name, '')))}"
    return UsageError(
        f"{name} wants {describe_type(field)}, not {raw.get(name, first['input'])!r}.{detail}",
        where=f"-P {name}={raw.get(name, '')}",
        hint=hint,
    )


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) in (tuple, list)


def _split(field: FieldInfo, text: str) -> str | list[str]:
    """The items of a parameter that takes several, such as `1, 2, 3`; else the text itself."""
    if not _is_list(field):
        return text
    return [item.strip() for item in text.strip("()[]").split(",") if item.strip()]


def describe_type(field: FieldInfo) -> str:
    """The type of a parameter in words: "a finite number from 0 to 1", "one of: sgd, adam"."""
    kind: Any = field.annotation
    if _is_list(field):
        items = "whole numbers" if int in get_args(kind) else "numbers"
        return f"{items if str not in get_args(kind) else 'texts'} with commas between them"
    if get_origin(kind) is Literal:
        return "one of: " + ", ".join(str(choice) for choice in get_args(kind))
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        noun = "a whole number" if kind is int else "a finite number"
        return " ".join([noun, *_limits(field)])
    for rule in field.metadata:
        if isinstance(rule, AfterValidator):
            from_file = rule.func in (_check_function_of_x, _check_function_of_x_and_y)
            return "a formula or file.py:function" if from_file else "a formula"
    return "text"


def _limits(field: FieldInfo) -> list[str]:
    bounds = {}
    for constraint in field.metadata:
        for key in ("ge", "gt", "le", "lt"):
            if getattr(constraint, key, None) is not None:
                bounds[key] = getattr(constraint, key)
    words = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}
    return [words[key].format(f"{bounds[key]:g}") for key in words if key in bounds]
