"""A large graph of a tape: boxes carry tags, arrows keep the numbers that came along them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    FadeOut,
    Mobject,
    VMobject,
    smooth,
    there_and_back,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.compact_node import frame_style
from gradreel.draw.exchange import at_once
from gradreel.draw.formula import Formula, is_sum
from gradreel.draw.formula_assembly import PiecesAssembly
from gradreel.draw.graph.edge_arrow import ArrowKey, Travel, edge_key, pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.draw.walkthrough.mono_text import char_width
from gradreel.tape import Edge, Quantity, Step, Tape
from gradreel.theme import FontSize, colors

BOX, LOW_BOX = 1.2, 0.6  # of graphs of at most two rows, and of taller ones
TAG_GAP, TAG_HEIGHT = 0.16, 0.5  # frame units between a box and its tag; of the tag
BETWEEN_TAGS, BESIDE_ARROW = 0.3, 0.14
NAME_SIZE, TAG_SIZE = 56.0, 42.0  # in a graph with much room
SHORTEST_WORD = len("False")
LEVEL = 0.05  # frame units, by which a box in the upper half is above the middle at least
MOST_ADDENDS = 3
COMES, STANDS = 0.8, 0.5  # shares of an arrow, between which a number goes along with its pulse
PAST_BOX = 0.6  # frame units, by which the way of a term to its sum bends around the box
TERMS_MEET = 0.7  # of the time in which a sum comes: its terms first, then the rest


class TaggedGraph(CompactGraph):
    """A graph from left to right over all of `area`, with room for a tag at each box.

    Tags of boxes in the upper half are above them, others below. `tags` are those on stage by op
    id, `kept` the numbers that stand beside arrows. `tag_letters` is how long a tag may be; the
    longest grad_fn by default.
    """

    arrow_number_size = FontSize.formula

    def __init__(self, tape: Tape, area: Rect, *, tag_letters: int | None = None) -> None:
        words = [op.grad_fn or "" for op in tape.ops]
        self._tag_letters = tag_letters or max(SHORTEST_WORD, *map(len, words))
        self.tags: dict[str, VMobject] = {}
        self.kept: dict[ArrowKey, Readout] = {}
        super().__init__(tape, area, font_size=NAME_SIZE, down=False)

    def _place_nodes(self, font_size: float) -> None:
        """Create the nodes with names of this size, each in its place."""
        self.least_box = BOX if self.layout.rows <= 2 else LOW_BOX
        super()._place_nodes(font_size)

    def _set_pitch(self) -> None:
        """Spread the layers over the width and the rows over the height, up to the tags."""
        layers, rows = max(self.layout.layers - 1, 1), max(self.layout.rows - 1, 1)
        self.down = False
        wide = max(node.width for node in self.nodes.values())
        letters = self._tag_letters * char_width(TAG_SIZE)
        share = self.area.width / (layers * (letters + BETWEEN_TAGS) + letters)
        self.tag_size = max(min(share, 1.0) * TAG_SIZE, FontSize.small)
        ends = max(self._tag_letters * char_width(self.tag_size), wide)
        self.layer_pitch = (self.area.width - ends) / layers
        tall = max(node.height for node in self.nodes.values())
        self.node_pitch = (self.area.height - tall - 2 * (TAG_GAP + TAG_HEIGHT)) / rows

    def _center(self) -> None:
        """Leave the nodes where they are: tags are as wide on both sides."""
        self.offset = point(0, 0)

    # Tags

    def tag(self, op_id: str, words: str, color: str) -> VMobject:
        """Words set as code as the tag of a box, for `puts_on`."""
        return self.place_tag(op_id, text(words, font_size=self.tag_size, color=color, mono=True))

    def place_tag(self, op_id: str, words: VMobject) -> VMobject:
        """Move words to where the tag of a box is."""
        node = self.nodes[op_id]
        side = 1 if node.get_y() > self.area.center[1] + LEVEL else -1
        away = node.height / 2 + TAG_GAP + TAG_HEIGHT / 2
        words.move_to(node.get_center() + side * away * UP)
        free = max(self.area.left - words.get_left()[0], 0.0)
        free += min(self.area.right - words.get_right()[0], 0.0)
        return words.shift(free * RIGHT)

    def puts_on(self, op_id: str, tag: VMobject) -> Animation:
        """A tag comes out of its box, where none is."""
        self.tags[op_id] = tag
        toward = self.nodes[op_id].get_center() - tag.get_center()
        return FadeIn(tag, shift=-0.3 * toward)

    def takes_tags(self) -> list[VMobject]:
        """The tags on stage, which are forgotten, for the scene to fade out."""
        tags = list(self.tags.values())
        self.tags.clear()
        return tags

    # A backward pass

    def lights(self, step: Step) -> Animation:
        """The frame of a node gets the color of gradients; that of a leaf for a moment."""
        lit = there_and_back if self.tape[step.op].is_leaf else at_once
        return ApplyMethod(self.nodes[step.op][1].set_stroke, colors.gradient, rate_func=lit)

    def dims(self, op_ids: list[str]) -> list[Animation]:
        """Frames get their first colors back."""
        return [
            ApplyMethod(self.nodes[op_id][1].set_stroke, *frame_style(self.tape[op_id]))
            for op_id in op_ids
        ]

    def hands_on(self, step: Step) -> list[Animation]:
        """Pulses run back along the arrows of a step; their numbers come with them and stay."""
        edges = self.tape.outgoing(step.op, step.backward)
        return [self._hands(edge) for edge in edges if edge_key(edge) in self.arrows]

    def _hands(self, edge: Edge) -> Animation:
        key = edge_key(edge)
        arrow = self.arrows[key]
        light = pulse(colors.gradient, arrow)
        light.scale(min(1.0, 2 * BESIDE_ARROW / light.width))  # below the number
        runs = Travel(light, arrow, back=True)
        if not isinstance(edge.contribution, float):
            return runs
        number = Readout(
            self.tape.contribution(edge), font_size=self.arrow_number_size, color=colors.gradient
        )
        if arrow.line.get_arc_length() < number.width + BESIDE_ARROW:
            return runs
        begins, stands = (self._above(arrow, share, number) for share in (COMES, STANDS))
        self.kept[key] = number.move_to(stands)
        return AnimationGroup(runs, FadeIn(number, target_position=begins, rate_func=_goes_along))

    @staticmethod
    def _above(arrow: CompactArrow, share: float, number: Readout) -> Floats:
        """A place for a number beside an arrow, on its upper side."""
        along = arrow.line.get_end() - arrow.line.get_start()
        normal = np.array([-along[1], along[0], 0.0]) / np.linalg.norm(along)
        reach = abs(normal[0]) * number.width / 2 + abs(normal[1]) * number.height / 2
        place: Floats = arrow.point_at(share) + normal * (reach + BESIDE_ARROW)
        return place

    def sum_tag(self, op_id: str, total: Quantity, backward: int = 1) -> VMobject:
        """`first + second = total` as a tag, or the total alone where it is no such sum."""
        addends = {
            f"c{k}": self.tape.contribution(edge)
            for k, edge in enumerate(self.tape.incoming(op_id, backward))
        }
        sign = is_sum(tuple(addends), "total")
        values: dict[str, Any] = {**addends, "total": total}
        template = "{total}"
        if 1 < len(addends) <= MOST_ADDENDS and sign.relation(values) is not None:
            terms = (f"lr(({{{k}}}))" if n < 0 and k != "c0" else f"{{{k}}}"
                     for k, n in addends.items())  # fmt: skip
            template, values = f"{' + '.join(terms)} {{eq}} {{total}}", {**values, "eq": sign}
        else:
            values = {"total": total}
        roles = dict.fromkeys(("total", *addends), "gradient")
        formula = Formula(template, roles=roles, font_size=FontSize.formula, **values)
        return self.place_tag(op_id, formula)

    def gathers(self, op_id: str, total: Formula) -> list[Animation]:
        """The numbers on the arrows from a node leave them, and are the terms of its tag."""
        keys = [edge_key(edge) for edge in self.tape.incoming(op_id)]
        slots = [f"c{k}" for k in range(len(keys))] if len(keys) != 1 else ["total"]
        moves = [
            (total.part(slot), self.kept.pop(key))
            for slot, key in zip(slots, keys, strict=True)
            if slot in total.slots and key in self.kept
        ]
        # What flies is drawn from the first frame on.
        gone = [FadeOut(number, rate_func=_is_gone) for _, number in moves]
        aside = np.sign(total.get_y() - self.nodes[op_id].get_y()) * PAST_BOX * UP
        return [*gone, PiecesAssembly(total, moves, arrives_at=TERMS_MEET, aside=aside)]

    def numbers_before(self, op_id: str) -> list[Readout]:
        """The numbers on the arrows from a node."""
        return [number for key, number in self.kept.items() if key[1] == op_id]

    def takes_numbers(self) -> list[Mobject]:
        """The numbers on arrows, which are forgotten, for the scene to fade out."""
        taken: list[Mobject] = [*self.kept.values()]
        self.kept.clear()
        return taken

    @property
    def companions(self) -> Sequence[Mobject]:
        """What stands beside it on stage; in a LectureScene it fades with it."""
        return [*self.tags.values(), *self.kept.values()]


def _goes_along(share: float) -> float:
    """Of the way from COMES to STANDS: with a pulse, slower and slower."""
    left = 1 - (smooth(share) - (1 - COMES)) / (2 * (COMES - STANDS))
    return float(1 - min(max(left, 0.0), 1.0) ** 2)


def _is_gone(share: float) -> float:
    return 1.0
