"""A lecture scene that walks through a PyTorch script line by line, with its actual state.

    class CodeWalk(CodeWalkthroughScene):
        class Params(WalkthroughParams):
            script: str = param("my_script.py", "the script to walk through")

The script is executed once, before anything is drawn; all values on screen come from this run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from manim import Animation, FadeIn, FadeOut, VGroup

from gradreel.draw.layout import Rect
from gradreel.draw.walkthrough.code_pane import CodePane
from gradreel.draw.walkthrough.cross_fade import CrossFade
from gradreel.draw.walkthrough.mono_text import MonoText
from gradreel.draw.walkthrough.output_pane import OutputPane
from gradreel.draw.walkthrough.pass_graph import PassGraph
from gradreel.draw.walkthrough.picture import ProgramPicture
from gradreel.draw.walkthrough.variable_panel import (
    VariablePanel,
    call_sections,
    with_changed_newest,
    with_variable,
)
from gradreel.draw.walkthrough.variable_rows import CallSection
from gradreel.lecture.beat import Beat
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lecture.walk_beside_picture import STILL, PicturePlayer
from gradreel.lecture.walk_layout import walk_areas
from gradreel.lecture.walk_passages import Passage, passages_beside_picture, passages_of
from gradreel.lecture.walk_script import comma_separated, find_script, line_numbers, run_script
from gradreel.params import WalkthroughParams
from gradreel.tape import Step
from gradreel.theme import Timing, colors
from gradreel.trace.pace import CONCISE, DETAILED
from gradreel.trace.playback import Playback
from gradreel.trace.schedule import ScheduledStep, Segment, schedule
from gradreel.trace.script_trace import TraceEvent

PANES_SECONDS = 0.5
STATE_AT = 0.25  # seconds from the start of a statement to the change of the state
GRAPH_SHARE = 0.52  # of the height of the right column, while a backward pass is shown
LEAST_STEP_TIME = 0.12  # seconds per node; a faster backward pass is shown without its graph


class CodeWalkthroughScene(LectureScene):
    """Code, variables, printed output and backward passes of the script in `params.script`.

    A scene that names a `picture` shows it beside its own program, at a concise pace. For another
    script, there is none: its variables and its backward passes take the whole column.
    """

    picture: ClassVar[type[ProgramPicture] | None] = None
    shows_grad_fn: ClassVar[bool] = True  # behind the lines; not before the lecture has named it

    class Params(WalkthroughParams):
        """The parameters of a scene that declares none: it walks through the default script."""

    def construct(self) -> None:
        """Run the script, then show the run, one beat per segment."""
        self.trace = run_script(str(self.params.script))
        self.has_picture = self.picture is not None and not self._is_other_script()
        pace = CONCISE if self.has_picture else DETAILED
        divided = passages_beside_picture if self.has_picture else passages_of
        segments = schedule(self.trace, line_numbers(self.params.linger), pace).segments
        # Segments are named after what has run: iterations 6 to 40. Captions may name a grad_fn.
        names = [segment.name for segment in segments]
        grad_fns = {v.grad_fn or "" for event in self.trace.events for v in event.changed}
        self.quoted_source = "\n".join([*self.trace.lines, *names, *sorted(grad_fns)])
        self.watched = comma_separated(self.params.watch)
        self.tape = next(iter(self.trace.passes.values()), None)
        self.playback = Playback(self.trace)
        self.playback.check_names(self.watched)
        self._build_layout()
        for number, segment in enumerate(segments):
            passages = divided(self.playback, segment)
            numbers = self.playback.caption(segment)[1]
            if number == 0 and self._note_waits(segment):
                passages = [Passage("", ()), *passages]
            with self.beat(segment.name, *(p.text for p in passages), **numbers) as said:
                is_last = number == len(segments) - 1
                self._play_segment(said, passages, is_first=number == 0, is_last=is_last)
        if self.ends_with is not None and self.player is not None:
            self.player.close(self.ends_with)

    def _note_waits(self, segment: Segment) -> bool:
        """Whether the first note beside a picture is that of a later line than the first.

        Then its sentence begins with that line, and not while the program appears.
        """
        first = self.trace.events[segment.steps[0].first].line
        is_noted = any(note.line == first for note in self.trace.notes)
        return self.has_picture and segment.note_event >= 0 and not is_noted

    def _is_other_script(self) -> bool:
        return bool(self.params.script != type(self.params)().script)

    def _build_layout(self) -> None:
        areas = walk_areas(self.trace, with_picture=self.has_picture)
        self.areas = areas
        self.code = CodePane(
            self.trace.lines, areas.code, font_size=areas.font_size, most_pitch=areas.most_pitch
        )
        self.panel = VariablePanel(self.playback.states)
        self.status = VGroup()
        self.output = None
        if areas.output is not None:
            self.output = OutputPane(areas.output, font_size=areas.font_size)
        self.passing_error = ""
        self.graph: PassGraph | None = None
        self.drawing: ProgramPicture | None = None
        self.player: PicturePlayer | None = None
        if self.picture is not None and self.has_picture:
            self.drawing = self.picture(self.trace, areas.side)
            self.player = PicturePlayer(self, self.drawing)

    # Playing a segment

    def _play_segment(
        self, said: Beat, passages: list[Passage], *, is_first: bool, is_last: bool
    ) -> None:
        if self._caption in self.mobjects:
            # Manim redraws everything above a moving mobject in each frame; captions never move.
            self.bring_to_back(self._caption)
        if is_first:
            self._show_panes()
            if not (passages[0].text or passages[0].steps):
                said.length = 0.0
                said.next()
                passages = passages[1:]
        if self.player is not None:
            self.player.play_segment(said, passages, is_last=is_last)
            return
        self._remove_graph()
        for k, passage in enumerate(passages):
            if k:
                said.next()
            if not passage.text and len(passages) > 1:
                said.length = 0.0  # nothing is said before the first number has arrived
            moving = sum(step.seconds for step in passage.steps)
            rest = Timing.rest if said.on_last_passage else 0.0
            free = said.length - rest - (self.time - said.passage_start)
            factor = max(free / moving, 1.0) if moving else 1.0
            for step in passage.steps:
                self._play_step(replace(step, seconds=step.seconds * factor))
            if not passage.steps:
                # The light runs over the line once more while it is explained.
                self.play(self.code.runs(), run_time=max(said.length - STILL, Timing.quick))

    def _play_step(self, scheduled: ScheduledStep) -> None:
        passes = self.playback.moment(scheduled).passes if scheduled.kind == "line" else ()
        tape = self.trace.passes[passes[-1]] if passes else None
        if tape is not None and tape.steps:
            self._remove_graph()
            graph = PassGraph(tape, passes[-1], self._graph_area())
            self._play_backward(scheduled, graph, passes[-1])
        elif scheduled.kind == "counter":
            self._play_counter(scheduled)
        else:
            self._play_statement(scheduled, scheduled.last, scheduled.seconds)

    def _remove_graph(self) -> None:
        """Fade out the graph of an earlier backward pass."""
        if self.graph is not None:
            self.play(FadeOut(self.graph), run_time=0.3)
            self.graph = None

    def _show_panes(self) -> None:
        panes = [pane for pane in (self.code, self.output) if pane is not None]
        if self.player is not None:
            self.player.show(panes)
            return
        self.play(*map(FadeIn, panes), run_time=PANES_SECONDS)
        self.add(self.panel, self.status)

    def _play_statement(
        self, scheduled: ScheduledStep, index: int, seconds: float, *, at: float = STATE_AT
    ) -> None:
        """Mark a statement; the state after event `index` is shown `at` seconds later."""
        event = self.trace.events[index]
        moves = self.moves_of_mark(scheduled)
        moves.append(
            self.panel.becomes(self._sections(scheduled, index), self._panel_area(), event, at=at)
        )
        moves.append(CrossFade(self.status, self._status_line(scheduled, index)))
        moves += self.output_change(scheduled.first, index, at)
        self.play(self.code.runs(), *moves, run_time=seconds)

    def moves_of_mark(self, scheduled: ScheduledStep) -> list[Animation]:
        """The move of the mark to the statement; empty if it is there."""
        lines = self.playback.highlighted_lines(scheduled)
        is_there = self.code.span_of_lines(*lines) == self.code.marked
        return [] if is_there else [self.code.marks(*lines)]

    def _play_counter(self, scheduled: ScheduledStep) -> None:
        """Play many iterations of a loop in fast motion, stopping at some of them."""
        stops = self.playback.counter_stops(scheduled)
        first = scheduled.first
        for stop in stops:
            part = replace(scheduled, first=first, last=stop, seconds=0.0)
            self._play_statement(part, stop, scheduled.seconds / len(stops), at=0.0)
            first = stop + 1

    def _play_backward(self, scheduled: ScheduledStep, graph: PassGraph, number: int) -> None:
        """Play a backward pass beside the code; leaves' `.grad` change at their own nodes."""
        steps = graph.tape.backward(number)
        if not graph.fits or scheduled.seconds / (len(steps) + 2) < LEAST_STEP_TIME:
            self._play_statement(scheduled, scheduled.last, scheduled.seconds)
            return
        share = scheduled.seconds / (len(steps) + 3)
        before = max(scheduled.first - 1, 0)
        self.graph = graph
        sections = self._sections(ScheduledStep(0, -1, "line", scheduled.line, 0.0), before)
        event = self.trace.events[scheduled.last]
        # Variables that the pass changes must be visible before they change.
        sections = [with_changed_newest(section, event) for section in sections]
        self.play(
            *self.moves_of_mark(scheduled),
            self.panel.becomes(sections, self._panel_area(), event),
            CrossFade(self.status, self._status_line(scheduled, scheduled.last)),
            FadeIn(graph),
            run_time=share,
        )
        for step in steps:
            self._play_node(graph, step, event, sections, share)
        self._play_statement(scheduled, scheduled.last, share)

    def _play_node(
        self,
        graph: PassGraph,
        step: Step,
        event: TraceEvent,
        sections: list[CallSection],
        seconds: float,
    ) -> None:
        """Highlight one node; if it is a changed leaf, update its variable in `sections`."""
        moves: list[Any] = [graph.highlights(step)]
        changed = {v.name: v for v in event.changed}
        if step.op in changed and graph.tape[step.op].is_leaf:
            sections[:] = [with_variable(section, changed[step.op]) for section in sections]
            moves.append(self.panel.becomes(sections, self._panel_area(), event))
        self.play(*moves, run_time=seconds)

    # Contents of the panes

    def _sections(self, scheduled: ScheduledStep, index: int) -> list[CallSection]:
        playback, state = self.playback, self.playback.states[index]
        titles = {call: playback.scope_title(call) for call in state}
        changed, ages = playback.changed_names(scheduled), playback.last_changes(index)
        return call_sections(state, titles, changed, ages, self.watched)

    def _graph_area(self) -> Rect:
        area = self.areas.side
        return Rect(area.left, area.right, area.bottom, area.bottom + area.height * GRAPH_SHARE)

    def _panel_area(self) -> Rect:
        """The area of the variables, or its part above the graph."""
        area = self.areas.side
        bottom = area.bottom if self.graph is None else float(self.graph.get_top()[1]) + 0.25
        return Rect(area.left, area.right, bottom, area.top)

    def _status_line(self, scheduled: ScheduledStep, index: int) -> VGroup:
        """The line between code and output: the iteration, or what a call returned."""
        words = self.playback.status(scheduled, index)
        if not words:
            return VGroup()
        return VGroup(MonoText(words, *self.areas.status, color=colors.muted))

    def output_change(self, first: int, last: int, at: float) -> list[Animation]:
        """The change of the output by events `first` to `last`; empty without one.

        An exception is shown while its statement is; it stays only if it ends the script.
        """
        if self.output is None:
            return []
        before, passing = self.passing_error, ""
        printed = False
        for event in self.trace.events[first : last + 1]:
            if event.printed:
                self.output.add_printed(event.printed, f"by line {event.line}")
            printed = printed or bool(event.printed)
            passing = event.raised
        if passing and self.trace.error is not None and last == len(self.trace.events) - 1:
            self.output.add_error(passing)
            passing, printed = "", True
        self.passing_error = passing
        return [self.output.shows(passing, at=at)] if printed or passing != before else []


__all__ = ["CodeWalkthroughScene", "find_script", "run_script"]
