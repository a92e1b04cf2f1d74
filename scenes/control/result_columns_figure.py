"""What stands beside the lanes: the attributes of each result, and x.grad as a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import DOWN, LEFT, RIGHT, VGroup, VMobject

from gradreel.draw.baseline import align_baselines
from gradreel.draw.formula import Formula, is_sum
from gradreel.draw.text import text
from gradreel.theme import FontSize, colors

if TYPE_CHECKING:
    from gradreel.scenes.control.detach_comparison_experiment import DetachResult

GAP = 0.4


def attribute_lines(result: DetachResult) -> VGroup:
    """requires_grad and grad_fn of a result as two lines of code."""
    values = {"grad_fn": result.grad_fn or "None", "requires_grad": str(result.requires_grad)}
    lines = [
        VGroup(code_text(f"{name}: ", colors.muted), code_text(value, colors.text))
        .arrange(RIGHT, buff=0.2)
        for name, value in values.items()
    ]  # fmt: skip
    for name, value in lines:
        align_baselines(name, value)
    return VGroup(*lines).arrange(DOWN, buff=0.22, aligned_edge=LEFT)


def grad_formula(result: DetachResult, width: float) -> Formula:
    """x.grad as a sum on one or two lines; only x.grad where there is one part or no room."""
    roles = dict.fromkeys(("direct", "through", "grad"), "gradient")
    if result.through is not None:
        addend = "{through}" if result.through >= 0 else "lr(({through}))"
        for equals in ("{eq}", "\\ &{eq}"):
            formula = Formula(
                f'upright("x.grad") &= {{direct}} + {addend} {equals} {{grad}}',
                direct=result.direct, through=result.through, grad=result.grad, roles=roles,
                eq=is_sum(("direct", "through"), "grad"), font_size=FontSize.body,
            )  # fmt: skip
            if formula.width <= width:
                return formula
    return Formula(
        'upright("x.grad") = {grad}', grad=result.grad, roles=roles, font_size=FontSize.body
    )


def code_text(words: str, color: str) -> VMobject:
    """Words in the monospaced font."""
    return text(words, font_size=FontSize.label, color=color, mono=True)
