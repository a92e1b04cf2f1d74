"""The nodes between x and y as cards, and a gradient that cannot pass one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from manim import (
    DOWN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    Indicate,
    LaggedStart,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.exchange import exchange, goes, second_part
from gradreel.draw.formula import Formula
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.layout import Rect
from gradreel.scenes.whole_machine.backward_cards_figure import (
    NOTE_GAP,
    arrows_between,
    card_of,
    code_text,
    cross_at,
    draws,
    equation,
    note_below,
    saved_note,
    version_note,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

MAX_GAP = 2.2
CROSS_WIDTH = 0.4  # kept free at both ends of the row


class NodeWithSavedTensor(Protocol):
    """A node, the tensor that it saved for backward ("" for none), and that tensor's version."""

    @property
    def name(self) -> str: ...
    @property
    def saved(self) -> str: ...
    @property
    def version(self) -> Quantity: ...


class MendedRun(Protocol):
    """The program with its fix; the fields are those of FixedRun."""

    @property
    def nodes(self) -> Sequence[NodeWithSavedTensor]: ...
    @property
    def root(self) -> str: ...
    @property
    def total(self) -> Sequence[Quantity]: ...
    @property
    def grads(self) -> Sequence[Sequence[Quantity]]: ...
    @property
    def freed(self) -> Sequence[bool]: ...


class ErrorCase(Protocol):
    """A program that raised; its fields are those of AutogradError."""

    @property
    def inputs(self) -> Sequence[Quantity]: ...
    @property
    def first(self) -> Sequence[Quantity]: ...
    @property
    def results(self) -> Sequence[Quantity]: ...
    @property
    def nodes(self) -> Sequence[NodeWithSavedTensor]: ...
    @property
    def freed(self) -> bool: ...
    @property
    def grads(self) -> Sequence[Quantity]: ...
    @property
    def version(self) -> Quantity: ...
    @property
    def fixed(self) -> MendedRun: ...


class BlockedBackward(VGroup):
    """Cards for x, the nodes that lead to y, and y, in a row across `area`.

    Nodes after the first appear with `changes_in_place`, and those that only the mended program has
    with `recovers`: between x and y if y had none, else after y. Without any node, x and y are not
    joined.
    """

    def __init__(self, case: ErrorCase, area: Rect) -> None:
        super().__init__()
        self.case, self.cured = case, False
        self.x = card_of(equation("x", case.inputs), colors.leaf if case.nodes else colors.detached)
        self.y = card_of(equation("y", case.first), colors.value if case.nodes else colors.detached)
        self.nodes = [card_of(code_text(node.name), colors.value) for node in case.nodes]
        self.later_nodes = self.nodes[1:]
        new = case.fixed.nodes[len(case.nodes) :]
        self.new_nodes = [card_of(code_text(node.name), colors.value) for node in new]
        self._arrange(area)
        self.arrows = arrows_between([self.x, *self.nodes[:1], self.y] if case.nodes else [])
        self.later_arrows = arrows_between([*self.nodes, self.y]) if self.later_nodes else []
        self._write_notes()
        self.grads = [self._gradient(values, area) for values in case.fixed.grads]
        self.first_grads = [self._gradient(case.grads, area)] if case.grads else []
        self.cross = VGroup()

    def _arrange(self, area: Rect) -> None:
        """Place all cards in a row, those that appear later too."""
        fixed, inner = self.case.fixed, self.nodes or self.new_nodes
        self.root = self.y
        self.cards = [self.x, *inner, self.y]
        if fixed.root != "y":
            self.root = card_of(equation("", fixed.total), colors.value)
            self.cards += [*self.new_nodes, self.root]
        free = area.width - 2 * CROSS_WIDTH - sum(card.width for card in self.cards)
        gap = min(free / max(len(self.cards) - 1, 1), MAX_GAP)
        VGroup(*self.cards).arrange(RIGHT, buff=gap).move_to(area.center + UP * 0.3)
        after_y = [self.y, *self.new_nodes, self.root] if self.root is not self.y else []
        self.new_arrows = arrows_between(
            after_y or ([self.x, *self.new_nodes, self.y] if self.new_nodes else [])
        )

    def _write_notes(self) -> None:
        """What each node keeps, and the evidence of what is wrong with that."""
        case = self.case
        with_version = bool(self.later_nodes)
        pairs = [*zip(case.nodes, self.nodes, strict=True)]
        new = [*zip(case.fixed.nodes[len(case.nodes) :], self.new_nodes, strict=True)]
        self.notes, self.new_notes = (
            [
                saved_note(n.saved, n.version if with_version else None, c)
                for n, c in some
                if n.saved
            ]
            for some in (pairs, new)
        )
        # A new tensor takes the name y; the node keeps the old one.
        self.old_notes = [
            saved_note(f"the old {node.saved}", node.version, card)
            for node, card in pairs
            if node.saved and with_version
        ]
        kept = [*(self.old_notes or self.notes), *self.new_notes]
        self.kept_and_freed = [(note, note_below(note, "freed").move_to(note)) for note in kept]
        self.freed = [freed for _, freed in self.kept_and_freed] if case.freed else []
        if self.root is not self.y:
            name = code_text(case.fixed.root, colors.muted)
            self.new_notes.append(name.next_to(self.root, DOWN, buff=NOTE_GAP))
        self.version = version_note("version", case.version).next_to(self.y, DOWN, buff=NOTE_GAP)
        self.changed = equation("y", case.results).move_to(self.y[2])
        self.untracked = note_below(self.y, "no grad_fn")

    # Animations

    def unfolds(self) -> Animation:
        """x, then the node with its note, then y."""
        parts: list[Animation] = [FadeIn(self.x)]
        if self.case.nodes:
            first, second = self.arrows
            notes = [FadeIn(note, shift=0.2 * DOWN) for note in self.notes]
            parts.append(AnimationGroup(*draws(first), FadeIn(self.nodes[0]), *notes))
            parts.append(AnimationGroup(*draws(second), FadeIn(self.y)))
        else:
            parts += [FadeIn(self.y), FadeIn(self.untracked)]
        return LaggedStart(*parts, lag_ratio=0.5)

    def changes_in_place(self) -> Animation:
        """y gets its new value and version, and the later nodes appear."""
        old, self.y.submobjects[2] = self.y[2], self.changed
        lines = [animation for arrow in self.later_arrows for animation in draws(arrow)]
        nodes = [FadeIn(card) for card in self.later_nodes]
        new = FadeIn(self.changed, self.version, rate_func=second_part)
        return AnimationGroup(goes(VGroup(old, self.arrows[1])), new, *lines, *nodes)

    def runs_backward(self) -> Animation:
        """A gradient runs from y to x."""
        return Succession(*self._gradient_runs(len(self._path())))

    def frees_saved_tensors(self) -> Animation:
        """The first backward reaches x, and the notes say that the saved tensors are freed."""
        return AnimationGroup(self._lights_x(self.first_grads[0]), *self._frees())

    def _frees(self) -> list[Animation]:
        return [exchange(*pair) for pair in self.kept_and_freed]

    def _lights_x(self, grad: Formula) -> Animation:
        lit = self.x[1].animate.set_stroke(colors.gradient).build()
        return AnimationGroup(FadeIn(grad, shift=0.3 * DOWN), lit)

    def fails(self, at: VGroup) -> Animation:
        """A gradient runs from y to the card `at`, which is crossed out."""
        self.cross = cross_at(at)
        runs = self._gradient_runs(len(self._path()) - 1) if at is not self.y else []
        warning = at[1].animate.set_stroke(colors.warning)
        return Succession(*runs, AnimationGroup(Create(self.cross), warning.build()))

    def evidence(self) -> list[VMobject]:
        """What the graph shows of the reason."""
        if not self.case.nodes:
            return [self.untracked]
        if self.case.freed:
            return self.freed
        return [*self.notes, self.version] if self.later_nodes else [self.y[2]]

    def points_out(self) -> Animation:
        """Light what the graph shows of the reason, twice."""
        lit = (Indicate(part, 1.12, colors.warning) for part in self.evidence())
        return AnimationGroup(*lit, rate_func=twice)

    def recovers(self) -> Animation:
        """The cross disappears; what the fix brings back, or adds, appears."""
        self.cured = True
        parts: list[Animation] = [FadeOut(part) for part in (self.cross, *self.first_grads)]
        for card in (self.x, *self.nodes, self.y):
            tone = colors.leaf if card is self.x else colors.value
            parts.append(card[1].animate.set_stroke(tone).build())
        if self.case.freed:
            parts += [exchange(freed, note) for note, freed in self.kept_and_freed]
        if self.later_nodes:
            parts.append(FadeOut(self.version))
            parts += [exchange(*pair) for pair in zip(self.notes, self.old_notes, strict=True)]
        if not self.case.nodes:
            parts.append(FadeOut(self.untracked))
        parts += [animation for arrow in self.new_arrows for animation in draws(arrow)]
        new = [*self.new_nodes, *self.new_notes]
        parts += [
            FadeIn(part) for part in (*new, *([self.root] if self.root is not self.y else []))
        ]
        return AnimationGroup(*parts)

    def receives_gradient(self, count: int) -> Animation:
        """Backward for the `count`-th time, from 1; its gradient is added to x.grad below x."""
        new = self.grads[count - 1]
        comes = exchange(self.grads[count - 2], new) if count > 1 else self._lights_x(new)
        frees = self._frees() if self.case.fixed.freed[count - 1] else []
        return Succession(self.runs_backward(), AnimationGroup(comes, *frees))

    def result(self) -> Formula:
        """x.grad, as it is after the fix."""
        grads = self.case.fixed.grads[-1]
        return equation('upright("x.grad")', grads, "gradient", FontSize.formula)

    def _gradient(self, values: Sequence[Quantity], area: Rect) -> Formula:
        """x.grad below x."""
        grad = equation('upright("x.grad")', values, "gradient").next_to(self.x, DOWN, buff=0.2)
        return grad.shift(max(area.left - grad.get_left()[0], 0.0) * RIGHT)

    def _path(self) -> list[CompactArrow]:
        """The arrows from x to the tensor on which backward is called."""
        if self.cured and self.new_arrows:
            return self.arrows + self.new_arrows
        return self.arrows[:1] + self.later_arrows if self.later_arrows else self.arrows

    def _gradient_runs(self, count: int) -> list[Animation]:
        """A gradient along the last `count` arrows, from y."""
        back = list(reversed(self._path()))[:count]
        return [Travel(pulse(colors.gradient), arrow, back=True) for arrow in back]


def twice(share: float) -> float:
    """A rate function that runs through a play two times."""
    return 2 * share % 1.0 if share < 1.0 else 1.0
