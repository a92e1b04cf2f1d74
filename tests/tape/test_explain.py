"""The explanation of a tape in words, and the mistakes that it names with their evidence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from gradreel.cli.explain import explain as command
from gradreel.errors import RecordingError
from gradreel.record import fixed, record
from gradreel.tape import Tape
from gradreel.tape.mistakes import find_mistakes


def two_paths(x: Any, y: Any) -> Any:
    a = x * y
    b = x**2
    return a + b


def test_every_step_has_its_gradient_what_it_sends_and_its_grad() -> None:
    text = record(two_paths, x=2.0, y=3.0).explain()
    assert "## Backward pass 1 of 1, from `add` with 1" in text
    assert "Each gradient is the derivative of `add`." in text
    assert "   - to `x`: 1 × 3 = 3" in text
    assert "gradient 7, the sum of 4 from `b` + 3 from `a`" in text
    assert "   - `.grad` was None, and is **7**" in text
    assert text.endswith("None of those that a tape can show.\n")


def test_a_sum_names_what_the_pass_starts_with() -> None:
    def two_roots(x: Any) -> None:
        a = x**2
        torch.autograd.backward([a, 3 * a])

    text = record(two_roots, x=2.0).explain()
    assert "gradient 4, the sum of 1 that the pass starts with here + 3 from `mul`" in text


def test_equal_signs_stand_only_where_the_digits_work_out() -> None:
    text = record(lambda x: (x / 3) ** 2, x=1.0).explain()
    assert "0.6667 × 0.3333 ≈ 0.2222" in text


def detached(w: Any, x: Any) -> Any:
    target = (w * x).detach()
    return (x - target) ** 2


def not_zeroed(w: Any) -> None:
    for t in (1.0, 5.0):
        ((w - t) ** 2).backward()


def dead(w: Any) -> Any:
    return torch.relu(w - 10).sum() + (w * 0).sum()


def vanishing(w: Any, u: Any) -> Any:
    h = w
    for _ in range(12):
        h = torch.sigmoid(h)
    return h * u


def not_finite(x: Any) -> Any:
    return torch.sqrt(x) * 2


def surprise(p: Any, t: Any) -> Any:
    return ((p - t) ** 2).mean()


def half(x: Any) -> Any:
    return (x.half() ** 2).sum()


def other_root(w: Any, x: Any) -> Any:
    unused = w * 3  # noqa: F841
    return x**2


MISTAKES: dict[str, tuple[Any, dict[str, Any], str, str]] = {
    "cut": (detached, {"w": 2.0, "x": 3.0}, "`.grad` is None", r"target = detach\(mul\)"),
    "no zero_grad": (not_zeroed, {"w": 2.0}, "No zero_grad", "was 2 from pass 1; pass 2 added"),
    "dead relu": (dead, {"w": [1.0, 2.0]}, "Dead relu", "all 2 numbers"),
    "vanishing": (vanishing, {"w": 0.5, "u": 1.0}, "Vanishing", "at `w` is"),
    "not finite": (not_finite, {"x": 0.0}, "Not finite", "`x` got inf in pass 1, sent by `sqrt`"),
    "broadcast": (
        surprise, {"p": [1.0, 2.0], "t": fixed([[1.0], [2.0]])}, "Both operands",
        r"makes \[2, 2\] of \[2\] and \[2, 1\]",
    ),
    "half": (half, {"x": [1.0, 2.0]}, "Coarse numbers", "float16"),
    "other root": (other_root, {"w": 1.0, "x": 2.0}, "`.grad` is None", "leads to `unused`"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_named_with_its_evidence(case: str) -> None:
    program, inputs, kind, evidence = MISTAKES[case]
    found = [m for m in find_mistakes(record(program, **inputs)) if m.kind.startswith(kind)]
    assert found
    assert any(re.search(evidence, mistake.text) for mistake in found), found


def test_the_command_prints_markdown_or_json() -> None:
    run = CliRunner().invoke(command, ["x*y", "--inputs", "x=2, y=3"])
    assert run.exit_code == 0 and run.stdout.startswith("# What autograd did with `x*y`")
    run = CliRunner().invoke(command, ["x*y", "--inputs", "x=2, y=3", "--json"])
    assert set(json.loads(run.stdout)) == {"program", "text", "mistakes"}


def by_item(x: Any, w: Any) -> Any:
    scale = (w**2).item()
    return x * scale + w


def by_numpy(x: Any) -> Any:
    numbers = (x * 2).detach().numpy()
    return (x * torch.from_numpy(numbers)).sum()


def printed(x: Any) -> Any:
    loss = x**2
    loss.backward()
    print(loss.item(), loss.tolist())


def without_a_way_back(x: Any) -> Any:
    return torch.tensor(3.0) * x.item()


def counted(x: Any) -> Any:
    return (x > 0).long().sum()


def test_numbers_that_leave_autograd_are_found_with_their_line() -> None:
    tape = record(by_item, x=2.0, w=3.0)
    (mistake,) = [one for one in find_mistakes(tape) if one.kind == "Left autograd:"]
    line = by_item.__code__.co_firstlineno + 1
    assert mistake.text == (
        f"`pow.item()` (line {line}) gives plain numbers: no gradient goes through it to `pow`."
    )
    assert Tape.from_json(tape.to_json()) == tape
    (exit_,) = record(by_numpy, x=[1.0, 2.0]).exits
    assert exit_.call == "mul.detach().numpy()"


def test_a_result_may_be_printed() -> None:
    tape = record(printed, x=2.0)
    assert [one.call for one in tape.exits] == ["loss.item()", "loss.tolist()"]
    assert find_mistakes(tape) == []


def test_the_error_names_where_the_numbers_left() -> None:
    line = without_a_way_back.__code__.co_firstlineno + 1
    with pytest.raises(RecordingError, match=rf"x.item\(\) in line {line} gave plain numbers"):
        record(without_a_way_back, x=2.0)
    with pytest.raises(RecordingError, match=r"whole numbers \(torch.int64\)"):
        record(counted, x=[1.0, -2.0])


def exponential(x: Any) -> Any:
    y = torch.exp(x)
    total = y.sum()
    y *= 2
    return total + y.sum()


def test_the_error_names_the_line_that_changed_a_saved_tensor() -> None:
    line = exponential.__code__.co_firstlineno + 3
    with pytest.raises(RecordingError, match=rf"Line {line} changed y in place, which Exp saved"):
        record(exponential, x=[1.0, 2.0])


def steps_without_zero_grad(w: Any) -> None:
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(2):
        ((w - 3) ** 2).backward()
        optimizer.step()


def steps(w: Any) -> None:
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        ((w - 3) ** 2).backward()
        optimizer.step()


def of_data(w: Any, x: Any) -> Any:
    return (w.data * x).sum()


def test_steps_of_an_optimizer_do_not_hide_a_missing_zero_grad() -> None:
    (mistake,) = find_mistakes(record(steps_without_zero_grad, w=1.0))
    assert mistake.kind.startswith("No zero_grad")
    assert find_mistakes(record(steps, w=1.0)) == []


def test_data_is_named_as_what_cuts() -> None:
    found = find_mistakes(record(of_data, w=2.0, x=3.0))
    assert any("(by .data)" in mistake.text for mistake in found)
