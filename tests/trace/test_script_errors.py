"""Scripts that cannot be shown raise an error that says what, where and what to do."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import pytest

from gradreel.errors import UsageError
from gradreel.trace.runner import trace
from gradreel.trace.schedule import MAX_STEPS, schedule


def write_script(folder: Path, source: str) -> Path:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


REJECTED = {
    "invalid Python": ("x = (1\n", ["not valid Python", "line 1"]),
    "nothing to run": ("# only a comment\n", ["no code"]),
    "input": ("a = 1\nname = input('who? ')\n", ["waits for input", "line 2", "#: answer:"]),
    "standard input": (
        "import sys\nfor line in sys.stdin:\n    print(line)\n",
        ["waits for input"],
    ),
    "input caught": (
        "try:\n    input()\nexcept Exception:\n    pass\n",
        ["waits for input", "line 2"],
    ),
    "input caught by everything": ("try:\n    input()\nexcept:\n    pass\n", ["waits for input"]),
    "a package that is missing": (
        "import torch\nimport absent_package.part\nx = 1\n",
        ["imports absent_package", "not installed", "script.py"],
    ),
    "endless": ("n = 0\nwhile True:\n    n += 1\n", ["too long", "while True", "line 3"]),
    "too much output": ("for i in range(900):\n    print('x' * 999)\n", ["prints more than"]),
    "too many lines": ("a = 1\n" * 75, ["75 lines", "Cut 15 lines"]),
    "a note that cannot be filled": ("#: it is {a + b}\na = 1\n", ["{a + b}", "cannot be filled"]),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_script_that_cannot_be_shown_is_rejected_with_reason(case: str, tmp_path: Path) -> None:
    source, expected = REJECTED[case]
    with pytest.raises(UsageError) as caught:
        trace(write_script(tmp_path, source))
    for text in expected:
        assert text in str(caught.value)


def test_a_missing_file_and_a_file_that_is_not_python(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        trace(tmp_path / "nowhere.py")
    with pytest.raises(UsageError, match=r"\.py file"):
        trace(tmp_path / "picture.png")


def test_too_many_steps_name_the_lines_shown_most_often(tmp_path: Path) -> None:
    """Each of many consecutive loops is condensed, and together they are still too long."""
    loop = "for i in range(9):\n    a = i\n    b = a\n    c = b\n"
    script_trace = trace(write_script(tmp_path, loop * 15))
    with pytest.raises(UsageError) as caught:
        schedule(script_trace)
    assert f"at most {MAX_STEPS}" in str(caught.value) or "seconds" in str(caught.value)
    assert "line " in caught.value.hint


def test_the_state_of_the_process_is_restored(tmp_path: Path) -> None:
    """Changes of global state by a script, and its errors, do not affect the next one."""
    import torch

    before = (
        sys.stdout, sys.stdin, sys.argv, list(sys.path), time.sleep, input,
        torch.get_default_dtype(), torch.is_grad_enabled(), torch.random.get_rng_state().tolist(),
        sys.gettrace(), sys.modules["__main__"], torch.autograd._engine_run_backward,
    )  # fmt: skip
    source = """
        import sys
        import torch
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.rand(3)
        sys.argv = ["other"]
        raise RuntimeError("over")
    """
    assert trace(write_script(tmp_path, source)).error is not None
    with pytest.raises(UsageError):
        trace(write_script(tmp_path, "input()\n"))
    after = (
        sys.stdout, sys.stdin, sys.argv, list(sys.path), time.sleep, input,
        torch.get_default_dtype(), torch.is_grad_enabled(), torch.random.get_rng_state().tolist(),
        sys.gettrace(), sys.modules["__main__"], torch.autograd._engine_run_backward,
    )  # fmt: skip
    assert before == after


def test_two_runs_are_equal(tmp_path: Path) -> None:
    source = """
        import random
        import numpy as np
        import torch
        a, b, c = random.random(), np.random.rand(), torch.rand(2)
        words = {"one", "two", "three"}
    """
    path = write_script(tmp_path, source)
    assert trace(path).to_json() == trace(path).to_json()
