"""A recording as it is told: captions with their values, titles, what to mark, what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradreel.tape import Quantity
from gradreel.trace.schedule import Segment, Show
from gradreel.trace.script import slots
from gradreel.trace.script_trace import ScriptTrace, TraceEvent, Variable, number_of, variable_named

COUNTER_STOPS = 12


class Playback:
    """Answers the questions of whoever draws a recording; `states[n]` are all variables after n."""

    def __init__(self, recording: ScriptTrace) -> None:
        self.recording = recording
        self.states = list(recording.states())

    def check(self, watched: tuple[str, ...]) -> None:
        """Raise for names to watch that never exist."""
        known = {v.name: v for moment in self.recording.moments for v in moment.changed}
        for name in watched:
            variable_named(known, name, "watch")

    def said(self, passage: Segment) -> tuple[str, dict[str, Any]]:
        """The note with its braces as slots, and the numbers that fill them."""
        if passage.told < 0:
            return passage.note, {}
        say = passage.note
        numbers: dict[str, Quantity] = {}
        for place, (written, name, grad, index) in enumerate(slots(passage.note)):
            variable, moment = self._told(passage, name)
            if isinstance(variable.value, float) or index or grad:
                numbers[f"v{place}"] = number_of(variable, moment, grad=grad, index=index)
                say = say.replace(f"{{{written}}}", f"{{v{place}}}")
            else:
                say = say.replace(f"{{{written}}}", variable.text)
        return say, numbers

    def _told(self, passage: Segment, name: str) -> tuple[Variable, TraceEvent]:
        """A variable as the statement below a note left it, or else as the passage leaves it."""
        names: dict[str, Variable] = {}
        for index in (passage.told, passage.shows[-1].last):
            moment, scope = self.recording.moments[index], self.states[index]
            names = {**scope.get(0, {}), **scope.get(moment.call, {})}
            if name in names:
                break
        where = f"note at line {self.recording.moments[passage.told].line}"
        return variable_named(names, name, where), moment

    def marked(self, show: Show) -> tuple[int, int]:
        """The lines to mark: a statement, or the whole body of what is condensed."""
        moment = self.recording.moments[show.first]
        line = show.line
        if show.kind == "fast" and moment.kind == "call":
            line = self.recording.calls[moment.call].line
        statement = self.recording.statement(line)
        return line, statement.body if show.kind in ("fast", "counter") else statement.last

    def changed(self, show: Show) -> Mapping[int, frozenset[str]]:
        """The names that a step changed, by call."""
        names: dict[int, frozenset[str]] = {}
        for moment in self.recording.moments[show.first : show.last + 1]:
            fresh = frozenset(variable.name for variable in moment.changed)
            names[moment.call] = names.get(moment.call, frozenset()) | fresh
        return names

    def ages(self, index: int) -> Mapping[int, Mapping[str, int]]:
        """At which moment each variable was last changed, by call; the later the higher."""
        ages: dict[int, dict[str, int]] = {}
        for number, moment in enumerate(self.recording.moments[: index + 1]):
            ages.setdefault(moment.call, {}).update({v.name: number for v in moment.changed})
        return ages

    def stops(self, show: Show) -> list[int]:
        """The moments at which a counter stops on its way: heads of rounds, evenly spread."""
        moments = self.recording.moments
        heads = [k for k in range(show.first, show.last + 1) if moments[k].line == show.line]
        some = [heads[len(heads) * k // COUNTER_STOPS] for k in range(1, COUNTER_STOPS)]
        return [*dict.fromkeys(some), show.last]

    def title(self, call: int) -> str:
        """What stands above the variables of a call."""
        if not call:
            return "in the script"
        function = self.recording.calls[call].function
        same = [c.number for c in self.recording.calls if c.function == function]
        return f"in {function}()" + (f", call {same.index(call) + 1}" if len(same) > 1 else "")

    def status(self, show: Show, index: int) -> str:
        """Which round it is, what a call returned: the line between code and output."""
        moment, recording = self.recording.moments[index], self.recording
        if show.kind == "counter" and moment.turns:
            total = int(show.label.rpartition(" ")[2])
            return f"iteration {min(moment.turns[0].iteration, total)} of {total}"
        if show.label:
            return show.label + _result_words(moment)
        if moment.kind == "call":
            return f"{recording.calls[moment.call].function}() is called"
        if moment.kind == "return":
            name = recording.calls[moment.call].function
            return f"{name}()" + (_result_words(moment) or " ends")
        if recording.skipped and "sleep(" in recording.lines[moment.line - 1]:
            return "the pause is left out"
        if moment.turns and not moment.last:
            return "iteration " + ", ".join(str(turn.iteration) for turn in moment.turns)
        return ""


def _result_words(moment: TraceEvent) -> str:
    result = moment.returned
    return f" returns {result.text}" if result and result.kind != "NoneType" else ""
