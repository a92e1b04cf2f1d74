"""The graph of BackwardFlow to touch: choose program and inputs, and go through its passes."""

from __future__ import annotations

from manim import ValueTracker

from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.graph_states import GraphStates, number_of_states
from gradreel.draw.graph.step_names import step_name
from gradreel.draw.layout import Rect, content_area, fit_into
from gradreel.draw.text import text
from gradreel.errors import UsageError
from gradreel.lecture.board import Board
from gradreel.measure.example_programs import PROGRAMS, load_chosen_program
from gradreel.params import ProgramParams
from gradreel.theme import FontSize, colors

WORDS_HEIGHT = 0.7
INPUTS = ("x", "y")


def programs(params: ProgramParams) -> tuple[str, ...]:
    """The program of the scene, and the lecture's other ones."""
    return tuple(dict.fromkeys((params.program, *PROGRAMS)))


class GraphBoard(Board):
    """A graph after `step` ops of the forward pass and nodes of the backward pass."""

    def __init__(self, params: ProgramParams) -> None:
        super().__init__()
        self.params, self.programs = params, programs(params)
        self.program = ValueTracker(0)
        self.x, self.y = ValueTracker(params.x), ValueTracker(params.y)
        self.area, self.words_area = _areas()
        self._shown: tuple[object, ...] = ()
        self._open()
        self.step = ValueTracker(self.states.last)

    @property
    def most_steps(self) -> int:
        """The number of the last state of the longest program."""
        tapes = [load_chosen_program(self._with_inputs(name)).record() for name in self.programs]
        return max(number_of_states(tape) for tape in tapes) - 1

    def draw(self, pressed: tuple[str, ...]) -> None:
        """Show the state that the trackers name; a step after the last one is the last one."""
        self._open()
        number = min(round(self.step.get_value()), self.states.last)
        words = text(self._words(number), font_size=FontSize.body, color=colors.muted)
        words.move_to(self.words_area.center)
        fit_into(words, self.words_area)
        self.set_parts(*self.states.at(number), words)

    def _open(self) -> None:
        """Record the program again, if it or its inputs have changed."""
        wanted = (self.program.get_value(), self.x.get_value(), self.y.get_value())
        if wanted != self._shown:
            self.states = self._states_of(self.programs[round(wanted[0])])
            self._shown = wanted

    def _states_of(self, name: str) -> GraphStates:
        tape = load_chosen_program(self._with_inputs(name)).record()
        if not tape.backwards or tape.hooks:
            raise UsageError("the board shows programs with a backward pass, and without hooks.")
        return GraphStates(TapeGraph(tape, area=self.area), tape.backwards[-1])

    def _with_inputs(self, name: str) -> ProgramParams:
        """The parameters with this program, and with the inputs that it takes."""
        chosen = self.params.model_copy(update={"program": name})
        values = {"x": float(f"{self.x.get_value():.6g}"), "y": float(f"{self.y.get_value():.6g}")}
        takes = INPUTS if name in PROGRAMS else load_chosen_program(chosen).inputs
        return chosen.model_copy(update={k: v for k, v in values.items() if k in takes})

    def _words(self, number: int) -> str:
        """Which op was computed, or which node of the backward pass ran."""
        states = self.states
        count = len(states.computed)
        if number == 0:
            return LEAVES
        if number <= count:
            op = states.computed[number - 1]
            return FORWARD.format(op.name or op.call)
        step = states.steps[number - count - 1]
        return BACKWARD.format(step.node, step_name(states.graph.tape, step))


def _areas() -> tuple[Rect, Rect]:
    """Where the graph is drawn, and the line of words below it."""
    area = content_area()
    bottom = area.bottom + WORDS_HEIGHT
    return (
        Rect(area.left, area.right, bottom, area.top),
        Rect(area.left, area.right, area.bottom, bottom),
    )


LEAVES = "The leaves are given."
FORWARD = "Forward computes {}."
BACKWARD = "Backward: {} at {}."
