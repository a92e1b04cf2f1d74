"""The trace function: which statement runs, what is different after it, who called whom."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from torch import Tensor, nn

from gradreel.errors import GradreelError, UsageError
from gradreel.trace.backward_passes import Passes, node_of
from gradreel.trace.script import Script, Statement
from gradreel.trace.script_trace import Call, LoopIteration, TraceEvent, Variable
from gradreel.trace.snapshot import describe, one

MOST_MOMENTS = 20_000
MOST_SECONDS = 60.0
MOST_PRINTED = 200_000


class Stopped(BaseException):
    """Ends a script that cannot be shown; no `except Exception` of the script can catch it."""

    def __init__(self, error: GradreelError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass
class _Open:
    """A call that is running: the statement under way and what it has done so far."""

    call: Call
    known: dict[str, Variable] = field(default_factory=dict)
    statement: Statement | None = None
    previous: Statement | None = None
    rounds: dict[int, int] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    passes: int = 0
    raised: str = ""


class Tracer:
    """Hand `on_call` to sys.settrace; afterwards `moments` and `calls` tell what happened."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.calls: list[Call] = []
        self.moments: list[TraceEvent] = []
        self.final: dict[str, Variable] = {}
        self.passes: Passes | None = None
        self._file = str(script.path)
        self._statements = script.by_line()
        self._stack: list[tuple[FrameType, _Open]] = []
        self._began = time.monotonic()
        self._printed = 0

    def statement_at(self, file_line: int) -> Statement:
        """The statement that a line of the file belongs to."""
        while file_line not in self._statements and file_line > 1:
            file_line -= 1
        return self._statements.get(file_line, self.script.statements[0])

    def on_call(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Follow calls of the script's own functions; everything else runs untraced."""
        if frame.f_code.co_filename != self._file or _is_hidden(frame, bool(self._stack)):
            return None
        caller = self._stack[-1][1].call if self._stack else None
        line = self.statement_at(frame.f_code.co_firstlineno).line
        call = Call(
            len(self.calls), frame.f_code.co_name, caller.number if caller else None, line,
            caller.depth + 1 if caller else 0,
        )  # fmt: skip
        self.calls.append(call)
        run = _Open(call, passes=self._pass_count())
        self._stack.append((frame, run))
        if caller is not None:
            run.known = describe(frame.f_locals)
            self._append(TraceEvent("call", line, call.number, changed=tuple(run.known.values())))
        return self._on_event

    def _on_event(self, frame: FrameType, event: str, arg: Any) -> Any:
        if not self._stack or self._stack[-1][0] is not frame:
            return self._on_event
        run = self._stack[-1][1]
        if event == "line":
            self._on_line(frame, run)
        elif event == "exception" and not issubclass(arg[0], (StopIteration, GeneratorExit)):
            words = " ".join(str(arg[1]).split())
            run.raised = f"{arg[0].__name__}: {words}" if words else arg[0].__name__
        elif event == "return":
            self._on_return(frame, run, arg)
        return self._on_event

    def _on_line(self, frame: FrameType, run: _Open) -> None:
        statement = self._statements.get(frame.f_lineno)
        if statement is None:
            return
        # A statement of several lines is announced once for each of them.
        if statement is run.statement and statement.last > statement.line:
            return
        self._settle(frame, run, statement)
        self._count_round(run, statement)
        run.statement = statement

    def _count_round(self, run: _Open, statement: Statement) -> None:
        if statement.is_loop:
            before = run.previous
            inside = before is not None and statement.line in before.loops
            run.rounds[statement.line] = run.rounds.get(statement.line, 0) + 1 if inside else 1

    def _on_return(self, frame: FrameType, run: _Open, result: Any) -> None:
        self._settle(frame, run, None)
        self._stack.pop()
        if run.call.number:
            returned = None if run.raised and result is None else one("return", result)
            line = run.previous.line if run.previous else run.call.line
            self._append(TraceEvent("return", line, run.call.number, returned=returned))

    def _settle(self, frame: FrameType, run: _Open, coming: Statement | None) -> None:
        """The statement under way is over: write down what it changed."""
        statement = run.statement
        run.previous = statement
        if statement is None:
            return
        names = describe(frame.f_locals)
        leaving = statement.is_loop and (coming is None or statement.line not in coming.loops)
        self._append(
            TraceEvent(
                "line", statement.line, run.call.number,
                turns=tuple(
                    LoopIteration(line, run.rounds.get(line, 1)) for line in statement.loops
                ),
                changed=_different(run.known, names),
                gone=tuple(name for name in run.known if name not in names),
                printed="".join(run.printed),
                backward=self._passes_since(run),
                raised=run.raised,
                last=leaving,
            )
        )  # fmt: skip
        run.known, run.printed, run.raised, run.statement = names, [], "", None

    def _pass_count(self) -> int:
        return self.passes.count if self.passes else 0

    def _passes_since(self, run: _Open) -> tuple[int, ...]:
        """The passes that ran in this statement itself, not in calls that already told of them."""
        told = {number for moment in self.moments[-50:] for number in moment.backward}
        count = self._pass_count()
        fresh = tuple(n for n in range(run.passes + 1, count + 1) if n not in told)
        run.passes = count
        return fresh

    def _append(self, moment: TraceEvent) -> None:
        self.moments.append(moment)
        if len(self.moments) > MOST_MOMENTS:
            self._stop(f"it ran more than {MOST_MOMENTS} statements", moment)
        if time.monotonic() - self._began > MOST_SECONDS:
            self._stop(f"it ran for more than {MOST_SECONDS:.0f} seconds", moment)

    def _stop(self, what: str, moment: TraceEvent) -> None:
        counts: dict[int, int] = {}
        for seen in self.moments:
            counts[seen.line] = counts.get(seen.line, 0) + 1
        busiest = max(counts, key=lambda line: counts[line])
        text = self.script.lines[busiest - 1].strip()
        raise Stopped(
            UsageError(
                f"the script is too long to walk through: {what}.",
                where=f"{self._file}, line {self.script.file_line(moment.line)}",
                hint=f"Let its loops run fewer times: line {self.script.file_line(busiest)} "
                f"({text}) ran {counts[busiest]} times.",
            )
        )

    def prints(self, text: str) -> None:
        """Something was printed by the statement that is running."""
        self._printed += len(text)
        if self._printed > MOST_PRINTED and self._stack:
            line = self._stack[-1][0].f_lineno
            raise Stopped(
                UsageError(
                    f"the script prints more than {MOST_PRINTED} characters.",
                    where=f"{self._file}, line {line}",
                    hint="Print less: only the last lines stay on screen.",
                )
            )
        if self._stack:
            self._stack[-1][1].printed.append(text)

    def close(self, names: Mapping[str, Any]) -> None:
        """The script has ended; `names` are its variables."""
        self.final = describe(names)

    def names(self) -> dict[int, tuple[str, Tensor, Any]]:
        """For each autograd node that a variable of an open call stands for: name, tensor, node."""
        found: dict[int, tuple[str, Tensor, Any]] = {}
        for frame, _ in self._stack:
            for name, value in frame.f_locals.items():
                for path, tensor in _tensors(name, value):
                    node = node_of(tensor)
                    if node is not None:
                        found.setdefault(id(node), (path, tensor, node))
        return found


def _tensors(name: str, value: Any) -> list[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        return [(name, value)]
    if isinstance(value, nn.Module):
        prefix = "" if name == "self" else name
        return list(value.named_parameters(prefix=prefix))
    return []


def _different(old: Mapping[str, Variable], new: Mapping[str, Variable]) -> tuple[Variable, ...]:
    # NaN is not equal to itself, but repr tells whether anything is different to look at.
    return tuple(
        v for k, v in new.items() if k not in old or (old[k] != v and repr(old[k]) != repr(v))
    )


def _is_hidden(frame: FrameType, inside: bool) -> bool:
    """Comprehensions, lambdas and class bodies are part of the statement that holds them."""
    if not inside:
        return False
    name, flags = frame.f_code.co_name, frame.f_code.co_flags
    return name.startswith("<") or not flags & inspect.CO_OPTIMIZED
