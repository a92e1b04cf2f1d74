"""A lecture scene that walks through a PyTorch script line by line, with its actual state.

    class CodeWalk(CodeWalkthroughScene):
        class Params(WalkthroughParams):
            script: str = param("my_script.py", "the script to walk through")

The script is executed once, before anything is drawn; all values on screen come from this run.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from manim import FadeIn, FadeOut, VGroup

from gradreel.draw.layout import Rect, content_area
from gradreel.draw.walkthrough.code_pane import MARK_TRAVEL_TIME, CodePane
from gradreel.draw.walkthrough.cross_fade import CrossFade
from gradreel.draw.walkthrough.mono_text import MonoText
from gradreel.draw.walkthrough.output_pane import LINE_PITCH, OutputPane
from gradreel.draw.walkthrough.pass_graph import PassGraph
from gradreel.draw.walkthrough.variable_panel import CallSection, VariablePanel, call_sections
from gradreel.errors import UsageError
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import WalkthroughParams
from gradreel.tape import Step
from gradreel.theme import colors
from gradreel.trace.playback import Playback
from gradreel.trace.schedule import ScheduledStep, Segment, schedule
from gradreel.trace.script_trace import ScriptTrace, TraceEvent, Variable

MOST_OUTPUT_LINES = 4
STATUS_HEIGHT = 0.42
GRAPH_SHARE = 0.52  # of the height of the right column, while a backward pass is shown
LEAST_STEP_TIME = 0.12  # seconds per node; a faster backward pass is shown without its graph
NEWEST_AGE = 10**9
PACKAGE_FOLDER = Path(__file__).resolve().parent.parent  # gradreel/, with assets/ inside it


class CodeWalkthroughScene(LectureScene):
    """Code, variables, printed output and backward passes of the script in `params.script`."""

    class Params(WalkthroughParams):
        """The parameters of a scene that declares none: it walks through the default script."""

    def construct(self) -> None:
        """Run the script, then show the run, one beat per segment."""
        self.trace = run_script(str(self.params.script))
        self.quoted_source = "\n".join(str(line) for line in self.trace.lines)
        segments = schedule(self.trace, _line_numbers(self.params.linger)).segments
        # Segments are named after what has run: iterations 6 to 40.
        self.quoted_source += "\n".join(["", *(segment.name for segment in segments)])
        self.watched = _names(self.params.watch)
        self.tape = next(iter(self.trace.passes.values()), None)
        self.playback = Playback(self.trace)
        self.playback.check_names(self.watched)
        self._build_layout()
        for number, segment in enumerate(segments):
            caption, numbers = self.playback.caption(segment)
            with self.beat(segment.name, caption, plays=len(segment.steps), **numbers) as beat:
                beat.length = max(beat.length, segment.seconds)
                self._play_segment(segment, is_first=number == 0)

    def _build_layout(self) -> None:
        left, self.right = _columns()
        printed = self.trace.printed.splitlines()
        raises = any(event.raised for event in self.trace.events)
        count = MOST_OUTPUT_LINES if raises else min(len(printed), MOST_OUTPUT_LINES)
        output_height = count * LINE_PITCH + 0.2 if count else 0.0
        bottom = left.bottom + output_height + STATUS_HEIGHT
        self.code = CodePane(self.trace.lines, Rect(left.left, left.right, bottom, left.top))
        self.panel = VariablePanel()
        self.status = VGroup()
        self.status_position = (left.left + 0.12, bottom - STATUS_HEIGHT + 0.13)
        self.output = None
        if count:
            top = left.bottom + output_height
            self.output = OutputPane(Rect(left.left, left.right, left.bottom, top))
        self.graph: PassGraph | None = None

    # Playing a segment

    def _play_segment(self, segment: Segment, *, is_first: bool) -> None:
        if self._caption in self.mobjects:
            # Manim redraws everything above a moving mobject in each frame; captions never move.
            self.bring_to_back(self._caption)
        if is_first:
            self._show_panes()
        self._remove_graph()
        for scheduled in segment.steps:
            passes = self.trace.events[scheduled.first].backward if scheduled.kind == "line" else ()
            tape = self.trace.passes.get(passes[-1]) if passes else None
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
        panes = [self.code] + ([self.output] if self.output else [])
        self.play(*(FadeIn(pane) for pane in panes), run_time=0.6)
        self.add(self.panel, self.status)

    def _play_statement(
        self, scheduled: ScheduledStep, index: int, seconds: float, *, wait: float = 0.55
    ) -> None:
        """Mark a statement, then show the state after event `index` at the share `wait`."""
        event = self.trace.events[index]
        seconds = self._move_mark(scheduled, seconds)
        moves: list[Any] = [self.code.runs()]
        moves.append(
            self.panel.becomes(self._sections(scheduled, index), self._panel_area(), event, at=wait)
        )
        moves.append(CrossFade(self.status, self._status_line(scheduled, index), at=0.1))
        moves += self._output_change(scheduled.first, index, wait)
        self.play(*moves, run_time=seconds)

    def _move_mark(self, scheduled: ScheduledStep, seconds: float) -> float:
        """Move the mark to the statement if it is elsewhere; returns the remaining seconds."""
        rows = self.code.rows_of_lines(*self.playback.highlighted_lines(scheduled))
        if rows == self.code.marked:
            return seconds
        travel = min(MARK_TRAVEL_TIME, seconds / 3)
        self.play(self.code.marks(*self.playback.highlighted_lines(scheduled)), run_time=travel)
        return seconds - travel

    def _play_counter(self, scheduled: ScheduledStep) -> None:
        """ScheduledStep many iterations of a loop in fast motion, stopping at some of them."""
        stops = self.playback.counter_stops(scheduled)
        first = scheduled.first
        for stop in stops:
            part = ScheduledStep(first, stop, scheduled.kind, scheduled.line, 0.0, scheduled.label)
            self._play_statement(part, stop, scheduled.seconds / len(stops), wait=0.2)
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
        sections = [_with_changed_newest(section, event) for section in sections]
        self._move_mark(scheduled, share)
        self.play(
            self.panel.becomes(sections, self._panel_area(), event, at=0.2),
            CrossFade(self.status, self._status_line(scheduled, scheduled.last), at=0.1),
            FadeIn(graph),
            run_time=share,
        )
        for step in steps:
            self._play_node(graph, step, event, sections, share)
        self._play_statement(scheduled, scheduled.last, share, wait=0.1)

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
            sections[:] = [_with_variable(section, changed[step.op]) for section in sections]
            moves.append(self.panel.becomes(sections, self._panel_area(), event, at=0.5))
        self.play(*moves, run_time=seconds)

    # Contents of the panes

    def _sections(self, scheduled: ScheduledStep, index: int) -> list[CallSection]:
        playback, state = self.playback, self.playback.states[index]
        titles = {call: playback.scope_title(call) for call in state}
        changed, ages = playback.changed_names(scheduled), playback.last_changes(index)
        return call_sections(state, titles, changed, ages, self.watched)

    def _graph_area(self) -> Rect:
        area = self.right
        return Rect(area.left, area.right, area.bottom, area.bottom + area.height * GRAPH_SHARE)

    def _panel_area(self) -> Rect:
        """The right column, or its part above the graph."""
        bottom = self.right.bottom if self.graph is None else float(self.graph.get_top()[1]) + 0.25
        return Rect(self.right.left, self.right.right, bottom, self.right.top)

    def _status_line(self, scheduled: ScheduledStep, index: int) -> VGroup:
        """The line between code and output: the iteration, or what a call returned."""
        words = self.playback.status(scheduled, index)
        if not words:
            return VGroup()
        return VGroup(MonoText(words, *self.status_position, color=colors.muted))

    def _output_change(self, first: int, last: int, wait: float) -> list[CrossFade]:
        """The change of the output by events `first` to `last`; empty without one."""
        if self.output is None:
            return []
        new = None
        for event in self.trace.events[first : last + 1]:
            if event.printed:
                new = self.output.add_printed(event.printed, f"by line {event.line}")
            if event.raised:
                new = self.output.add_error(event.raised)
        return [CrossFade(self.output.texts, new, at=wait)] if new is not None else []


def _with_changed_newest(section: CallSection, event: TraceEvent) -> CallSection:
    """A section in which the variables that `event` changes are the last to be left out."""
    newest = {variable.name: NEWEST_AGE for variable in event.changed}
    return replace(section, ages={**section.ages, **newest})


def _with_variable(section: CallSection, variable: Variable) -> CallSection:
    """A section with the new state of a variable, marked as changed."""
    if variable.name not in {v.name for v in section.variables}:
        return section
    variables = tuple(variable if v.name == variable.name else v for v in section.variables)
    return replace(section, variables=variables, changed=section.changed | {variable.name})


def run_script(path: str) -> ScriptTrace:
    """Trace the script at `path`; see `find_script` for where it is looked for."""
    from gradreel.trace.runner import trace  # loads torch, which takes about a second

    return trace(find_script(path))


def find_script(path: str) -> Path:
    """The script at `path` relative to the working directory, or else to the gradreel package.

    The second makes the scripts of the package, `assets/programs/...`, available from any working
    directory. A path that exists in neither is returned unchanged: the tracer reports it.
    """
    in_package = PACKAGE_FOLDER / path
    return in_package if not Path(path).exists() and in_package.exists() else Path(path)


def _columns() -> tuple[Rect, Rect]:
    """Code on the left, variables on the right; in a narrow frame their widths are more equal."""
    area = content_area()
    left, right = area.columns(1.22, 1.0) if area.width > 12 else area.columns(1.05, 1.0)
    return left, right


def _line_numbers(text: str) -> tuple[int, ...]:
    words = _names(text)
    wrong = next((word for word in words if not word.isdigit()), None)
    if wrong is not None:
        raise UsageError(
            f"{wrong!r} is not a line number.", where="linger", hint="Write lines as in linger=7,9"
        )
    return tuple(int(word) for word in words)


def _names(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


__all__ = ["CodeWalkthroughScene", "find_script", "run_script"]
