"""The first step of one parameter in numbers, with frames around its tile and its gradient's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, VGroup

from gradreel.draw.formula import Formula, when
from gradreel.draw.frame_around import frame_around
from gradreel.draw.layout import Rect, fit_into
from gradreel.tape import Quantity
from gradreel.theme import FontSize

if TYPE_CHECKING:
    from gradreel.scenes.whole_machine.network_training_experiment import NetworkTraining
    from gradreel.scenes.whole_machine.network_training_figure import WeightTiles

DIGITS = 3  # of the numbers


class TileStep(VGroup):
    """The step of the weight with the largest gradient at first, written in `area`."""

    def __init__(self, training: NetworkTraining, tiles: WeightTiles, area: Rect) -> None:
        super().__init__()
        name = max(training.grads, key=lambda key: float(np.abs(training.grads[key][0]).max()))
        index = int(np.abs(training.grads[name][0]).argmax())
        maps = tiles.maps[2 * list(training.grads).index(name) :][:2]
        self.frames = VGroup(*(frame_around(of.cells[index], 0.05) for of, _, _ in maps))
        before, after = (
            Quantity(float(training.weights[name][k].flat[index]), f"{name}, {when_}", "w")
            for k, when_ in enumerate(("before the first step", "after it"))
        )
        slope = Quantity(float(training.grads[name][0].flat[index]), f"{name}.grad at first", "g")
        factor = "{slope}" if slope >= 0 else "lr(({slope}))"
        self.formula = Formula(
            '& "tile" - "lr" dot "gradient" \\ '
            f"&= {{before}} - {{rate}} dot {factor} \\ &{{eq}} {{after}}",
            before=before.rounded(DIGITS), rate=training.rate, slope=slope.rounded(DIGITS),
            after=after.rounded(DIGITS), roles={"slope": "gradient", "after": "accent"},
            eq=when(lambda before, rate, slope: before - rate * slope, "after"),
            font_size=FontSize.formula,
        )  # fmt: skip
        fit_into(self.formula, area)

    def appears(self) -> Animation:
        """The frames and the formula."""
        return AnimationGroup(*map(Create, self.frames), FadeIn(self.formula))

    def goes(self) -> Animation:
        """All of it fades out."""
        return FadeOut(self.formula, *self.frames)
