"""Three squares of x that are added up: one leads back to x, two are cut off."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from manim import (
    LEFT,
    PI,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Mobject,
    VGroup,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.formula import Formula
from gradreel.draw.graph.edge_arrow import Travel
from gradreel.draw.layout import fit_into, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.draw.walkthrough.picture import ProgramPicture
from gradreel.scenes.control.detach_lane_figure import LaneItem, ResultCard
from gradreel.scenes.control.lane_paths_figure import cut_marks
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors
from gradreel.trace.moment import Moment

CLEAR = 0.06  # between a card and an arrow
MOST_DISTANCE = 1.7  # from the middle row to the ones above and below it
ROOM_TO_SWELL = 1.25  # what a claim is about grows while it is said
CUT_BY = {"n": "no_grad", "d": "detach"}


class CutPicture(ProgramPicture):
    """x, its square y, and the loss in a row; above and below it the squares without a way back."""

    def build(self) -> None:
        """Nothing is on stage yet."""
        upper, self.foot = self.area.rows(3.7, 1.0, gap=0.2)
        tones = {"x": colors.leaf, "y": colors.value, "loss": colors.value}
        self.cards = {
            name: ResultCard(LaneItem(name, self.result(name), tones.get(name, colors.detached)))
            for name in ("x", "y", "n", "d", "loss")
        }
        half = self.cards["x"].width / 2
        xs = (upper.left + half, upper.center[0], upper.right - half)
        middle, distance = upper.center[1], min(MOST_DISTANCE, upper.height / 2 - half)
        places = {"x": (xs[0], 0), "y": (xs[1], 0), "loss": (xs[2], 0)}
        for name, (x, row) in {**places, "d": (xs[1], 1), "n": (xs[1], -1)}.items():
            self.cards[name].move_to(point(x, middle + row * distance))
        self.arrows = self._arrows()
        self.cuts = {"n": cut_marks(self._level("x", "n")), "d": cut_marks(self.arrows["y", "d"])}
        # Across a vertical arrow, the strokes lie.
        self.cuts["d"].rotate(PI / 2)
        self._add_names()
        self.notes: list[Readout] = []

    def _arrows(self) -> dict[tuple[str, str], CompactArrow]:
        """Level or upright; those that lead to another row and column have a corner."""
        x, y, n, d, loss = (self.cards[name] for name in ("x", "y", "n", "d", "loss"))
        up, side = CLEAR * UP, CLEAR * RIGHT
        routes = {
            ("x", "y"): [x.get_right() + side, y.get_left() - side],
            ("y", "d"): [y.get_top() + up, d.get_bottom() - up],
            ("x", "n"): [x.get_bottom() - up, _corner(x, n), n.get_left() - side],
            ("y", "loss"): [y.get_right() + side, loss.get_left() - side],
            ("n", "loss"): [n.get_right() + side, _corner(loss, n), loss.get_bottom() - up],
            ("d", "loss"): [d.get_right() + side, _corner(loss, d), loss.get_top() + up],
        }
        return {ends: CompactArrow(route) for ends, route in routes.items()}

    def _level(self, source: str, name: str) -> CompactArrow:
        """The level part of the arrow between these two."""
        start, end = _corner(self.cards[source], self.cards[name]), self.cards[name].get_left()
        return CompactArrow([start, end])

    def _add_names(self) -> None:
        """What cut a square off, on the side of x; none where there is no room for one."""
        room = float(self.cards["n"].get_left()[0] - self.cards["x"].get_x()) - 0.2
        labels = {
            name: text(words, font_size=FontSize.code, color=colors.muted, mono=True)
            for name, words in CUT_BY.items()
        }
        fit = all(label.width < room for label in labels.values())
        self.names = labels if fit else {name: VGroup() for name in labels}
        labels["d"].next_to(self.cards["d"], LEFT, buff=0.2)
        labels["n"].next_to(self.cuts["n"], UP, buff=0.12)

    def parts(self) -> dict[str, Mobject]:
        """The leaf x."""
        return {"x": self.cards["x"]}

    def leave(self, carried: Collection[str]) -> list[Any]:
        """All but x fades, so that x does not cross it."""
        return [FadeOut(*self.notes, self.slopes)]

    def least_seconds(self, moment: Moment) -> float:
        """The pass needs time for each of its steps."""
        return 1.6 if moment.passes else 1.0 if moment.changed & {*CUT_BY} else 0.0

    def stages(self, moment: Moment) -> Sequence[Callable[[], list[Any]]]:
        """Lines as they run; a pass goes back from the loss to y, and then to x."""
        if not moment.passes:
            return super().stages(moment)
        return [
            lambda: self._sends("loss", "y", moment),
            lambda: self._sends("y", "x", moment),
        ]

    def advance(self, moment: Moment) -> list[Any]:
        """The squares that are new, their sum, or what has arrived of its slope."""
        moves: list[Any] = []
        if "x" in moment.changed and "x" not in self.carried:
            moves.append(FadeIn(self.cards["x"]))
        if "y" in moment.changed:
            moves.append(self._joins("x", "y"))
            self.decisive = (self.cards["y"],)
        moves += [self._cuts_off(name) for name in CUT_BY if name in moment.changed]
        if "loss" in moment.changed:
            moves.append(self._joins("y", "n", "d", "loss"))
        if "whole" in moment.changed:
            moves.append(self._compares(moment))
        return moves

    def _joins(self, *names: str) -> Animation:
        """The last one of `names`, with the arrows from the others."""
        *sources, goal = names
        arrows = [self.arrows[source, goal] for source in sources]
        drawn = [move for arrow in arrows for move in (Create(arrow.line), FadeIn(arrow.tip))]
        return AnimationGroup(*drawn, FadeIn(self.cards[goal], scale=0.8))

    def _cuts_off(self, name: str) -> Animation:
        """A square, what it was computed from, and the cut between them."""
        joined = self._joins("x" if name == "n" else "y", name)
        marks: list[Animation] = [Create(stroke) for stroke in self.cuts[name]]
        marks += [FadeIn(label) for label in (self.names[name],) if len(label)]
        return LaggedStart(joined, AnimationGroup(*marks), lag_ratio=0.6)

    def _sends(self, source: str, goal: str, moment: Moment) -> list[Any]:
        """A gradient goes back along an arrow; the cuts are pointed out when it leaves the loss."""
        tape = moment.tape(moment.passes[0])
        ids = {tape[step.op].name: step.op for step in tape.steps}
        gradient = tape.gradient(ids[goal], moment.passes[0])
        arrow = self.arrows[goal, source]
        note = _gradient(gradient).move_to(arrow.point_at(0.5)).shift(0.3 * UP)
        self.notes.append(note)
        traveller = VGroup(text_background(_gradient(gradient), margin=0.06), _gradient(gradient))
        frames = [self.cards[name].lights_up(colors.gradient) for name in (source, goal)]
        moves: list[Any] = [Travel(traveller, arrow, back=True), *frames, FadeIn(note)]
        if source == "loss":
            moves += [Indicate(marks, 1.4, colors.accent) for marks in self.cuts.values()]
        return moves

    def _compares(self, moment: Moment) -> Animation:
        """What three equal squares would send, over what has arrived at x from one of them."""
        self.slopes = Formula(
            '"without cuts:" & quad {one} + {one} + {one} &= {whole} \\ '
            '"with them:" & quad "x.grad" &= {grad}',
            one=moment.grad("x"), whole=moment.value("whole"), grad=moment.grad("x"),
            roles={"one": "gradient", "grad": "gradient"}, font_size=FontSize.formula,
        )  # fmt: skip
        fit_into(self.slopes, self.foot)
        self.slopes.scale(min(self.foot.width / (ROOM_TO_SWELL * self.slopes.width), 1.0))
        self.decisive = (self.slopes,)
        return FadeIn(self.slopes, shift=0.2 * RIGHT)


def _corner(column: Mobject, row: Mobject) -> Floats:
    return point(column.get_x(), row.get_y())


def _gradient(number: Quantity) -> Readout:
    return Readout(number, font_size=FontSize.label, color=colors.gradient)
