"""Large, sparse and complex tensors of a script have a summary; None is PyTorch's None."""

from __future__ import annotations

from pathlib import Path

from gradreel.draw.walkthrough.variable_text import grad_text, value_text
from gradreel.tape import Summary
from gradreel.trace.runner import trace
from gradreel.trace.script_trace import ScriptTrace

SCRIPT = Path(__file__).parent / "scripts" / "large_tensors.py"


def test_summaries_of_a_script() -> None:
    script_trace = trace(SCRIPT)
    final = {variable.name: variable for variable in script_trace.final}
    event = script_trace.events[-1]
    assert grad_text(final["w"], event, 30)[0] == "grad 20×20, norm 40"
    assert value_text(final["w"], event, 30)[0] == "20×20, norm 20"
    assert grad_text(final["table.weight"], event, 30)[0] == "grad sparse 5×3, norm 3.873"
    assert grad_text(final["c"], event, 40)[0] == "grad complex 2, norm 1"
    assert value_text(final["c"], event, 40)[0] == "complex 2, norm 5"
    assert grad_text(final["unused"], event, 30)[0] == "grad None"
    assert [number.text for number in grad_text(final["w"], event, 30)[1]] == ["40"]
    assert not final["unused"].has_grad
    (row,) = script_trace.passes[1].grads
    assert row.before is None
    assert isinstance(row.after, Summary)
    assert ScriptTrace.from_json(script_trace.to_json()) == script_trace
