"""Tracer: the function for sys.settrace that turns the execution of a script into TraceEvents."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from torch import Tensor, nn

from gradreel.errors import GradreelError, UsageError
from gradreel.record.autograd_nodes import gradient_node
from gradreel.trace.pass_tapes import PassTapes
from gradreel.trace.script import Script, Statement
from gradreel.trace.script_trace import Call, LoopIteration, TraceEvent, Variable
from gradreel.trace.snapshot import snapshot_value, snapshot_variables

MAX_EVENTS = 20_000
MAX_RUN_SECONDS = 60.0
MAX_OUTPUT = 200_000  # characters
_RECENT_EVENTS = 50


class TraceStopped(BaseException):
    """Ends a script that cannot be shown; no `except Exception` of the script can catch it."""

    def __init__(self, error: GradreelError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass
class _OpenCall:
    """A call that is running, its current statement, and what that statement has done so far.

    `iterations` counts for each loop head; `passes` is the number of backward passes at the end of
    the previous statement.
    """

    call: Call
    variables: dict[str, Variable] = field(default_factory=dict)
    statement: Statement | None = None
    previous: Statement | None = None
    iterations: dict[int, int] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    passes: int = 0
    raised: str = ""


class Tracer:
    """Pass `on_call` to sys.settrace; afterwards `events`, `calls` and `final` hold the result."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.calls: list[Call] = []
        self.events: list[TraceEvent] = []
        self.final: dict[str, Variable] = {}
        self.passes = PassTapes(self.named_nodes, script.path.name)
        self._file = str(script.path)
        self._statements = script.statements_by_file_line()
        self._stack: list[tuple[FrameType, _OpenCall]] = []
        self._start_time = time.monotonic()
        self._output_size = 0

    def statement_at(self, file_line: int) -> Statement:
        """The statement that a line of the file belongs to."""
        while file_line not in self._statements and file_line > 1:
            file_line -= 1
        return self._statements.get(file_line, self.script.statements[0])

    def on_call(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Follow calls of the script's own functions; all other functions run untraced."""
        if frame.f_code.co_filename != self._file or _is_hidden(frame, bool(self._stack)):
            return None
        caller = self._stack[-1][1].call if self._stack else None
        line = self.statement_at(frame.f_code.co_firstlineno).line
        call = Call(
            len(self.calls), frame.f_code.co_name, caller.number if caller else None, line,
            caller.depth + 1 if caller else 0,
        )  # fmt: skip
        self.calls.append(call)
        run = _OpenCall(call, passes=self.passes.count)
        self._stack.append((frame, run))
        if caller is not None:
            run.variables = snapshot_variables(frame.f_locals)
            arguments = tuple(run.variables.values())
            self._append(TraceEvent("call", line, call.number, changed=arguments))
        return self._on_event

    def _on_event(self, frame: FrameType, event: str, arg: Any) -> Any:
        if not self._stack or self._stack[-1][0] is not frame:
            return self._on_event
        run = self._stack[-1][1]
        if event == "line":
            self._on_line(frame, run)
        elif event == "exception" and not issubclass(arg[0], (StopIteration, GeneratorExit)):
            message = " ".join(str(arg[1]).split())
            run.raised = f"{arg[0].__name__}: {message}" if message else arg[0].__name__
        elif event == "return":
            self._on_return(frame, run, arg)
        return self._on_event

    def _on_line(self, frame: FrameType, run: _OpenCall) -> None:
        statement = self._statements.get(frame.f_lineno)
        if statement is None:
            return
        # Python reports a statement of several lines once for each of them.
        if statement is run.statement and statement.last_line > statement.line:
            return
        self._end_statement(frame, run, statement)
        self._count_iteration(run, statement)
        run.statement = statement

    def _count_iteration(self, run: _OpenCall, statement: Statement) -> None:
        if statement.is_loop:
            line, previous = statement.line, run.previous
            continues = previous is not None and line in previous.loops
            run.iterations[line] = run.iterations.get(line, 0) + 1 if continues else 1

    def _on_return(self, frame: FrameType, run: _OpenCall, result: Any) -> None:
        self._end_statement(frame, run, None)
        self._stack.pop()
        if run.call.number:
            failed = run.raised and result is None
            returned = None if failed else snapshot_value("return", result)
            line = run.previous.line if run.previous else run.call.line
            self._append(TraceEvent("return", line, run.call.number, returned=returned))

    def _end_statement(self, frame: FrameType, run: _OpenCall, following: Statement | None) -> None:
        """The current statement has ended: append an event with what it changed."""
        statement = run.statement
        run.previous = statement
        if statement is None:
            return
        variables = snapshot_variables(frame.f_locals)
        continues = following is not None and statement.line in following.loops
        self._append(
            TraceEvent(
                kind="line",
                line=statement.line,
                call=run.call.number,
                iterations=tuple(
                    LoopIteration(line, run.iterations.get(line, 1)) for line in statement.loops
                ),
                changed=_changed(run.variables, variables),
                deleted=tuple(name for name in run.variables if name not in variables),
                printed="".join(run.printed),
                backward=self._new_passes(run),
                raised=run.raised,
                loop_ended=statement.is_loop and not continues,
            )
        )
        run.variables, run.printed, run.raised, run.statement = variables, [], "", None

    def _new_passes(self, run: _OpenCall) -> tuple[int, ...]:
        """The passes that ran in this statement, without those that an event of a call has."""
        recent = self.events[-_RECENT_EVENTS:]
        known = {number for event in recent for number in event.backward}
        count = self.passes.count
        new = tuple(n for n in range(run.passes + 1, count + 1) if n not in known)
        run.passes = count
        return new

    def _append(self, event: TraceEvent) -> None:
        self.events.append(event)
        if len(self.events) > MAX_EVENTS:
            self._stop(f"it ran more than {MAX_EVENTS} statements", event)
        if time.monotonic() - self._start_time > MAX_RUN_SECONDS:
            self._stop(f"it ran for more than {MAX_RUN_SECONDS:.0f} seconds", event)

    def _stop(self, reason: str, last: TraceEvent) -> None:
        counts: dict[int, int] = {}
        for event in self.events:
            counts[event.line] = counts.get(event.line, 0) + 1
        busiest = max(counts, key=lambda line: counts[line])
        text = self.script.lines[busiest - 1].strip()
        raise TraceStopped(
            UsageError(
                f"the script is too long to walk through: {reason}.",
                where=f"{self._file}, line {self.script.file_line(last.line)}",
                hint=f"Reduce the iterations of its loops: line {self.script.file_line(busiest)} "
                f"({text}) ran {counts[busiest]} times.",
            )
        )

    def on_output(self, text: str) -> None:
        """Add text that the current statement printed; TraceStopped if there is too much."""
        self._output_size += len(text)
        if not self._stack:
            return
        frame, run = self._stack[-1]
        if self._output_size > MAX_OUTPUT:
            raise TraceStopped(
                UsageError(
                    f"the script prints more than {MAX_OUTPUT} characters.",
                    where=f"{self._file}, line {frame.f_lineno}",
                    hint="Print less: only the last lines stay on screen.",
                )
            )
        run.printed.append(text)

    def close(self, names: Mapping[str, Any]) -> None:
        """Take the final values when the script has ended; `names` are its global variables."""
        self.final = snapshot_variables(names)

    def named_nodes(self) -> dict[int, tuple[str, Tensor, Any]]:
        """The autograd nodes whose result a variable of an open call holds: name, tensor, node."""
        named: dict[int, tuple[str, Tensor, Any]] = {}
        for frame, _ in self._stack:
            for name, value in frame.f_locals.items():
                for path, tensor in _tensors(name, value):
                    node = gradient_node(tensor)
                    if node is not None:
                        named.setdefault(id(node), (path, tensor, node))
        return named


def _tensors(name: str, value: Any) -> list[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        return [(name, value)]
    if isinstance(value, nn.Module):
        prefix = "" if name == "self" else name
        return list(value.named_parameters(prefix=prefix))
    return []


def _changed(old: Mapping[str, Variable], new: Mapping[str, Variable]) -> tuple[Variable, ...]:
    # NaN differs from itself, but its repr does not: both must differ.
    return tuple(
        v for k, v in new.items() if k not in old or (old[k] != v and repr(old[k]) != repr(v))
    )


def _is_hidden(frame: FrameType, inside: bool) -> bool:
    """Whether a frame is part of the statement around it: comprehension, lambda or class body."""
    if not inside:
        return False
    name, flags = frame.f_code.co_name, frame.f_code.co_flags
    return name.startswith("<") or not flags & inspect.CO_OPTIMIZED
