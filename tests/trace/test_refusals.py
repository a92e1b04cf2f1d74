"""Scripts that cannot be shown end in an error that says what, where and what to do."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import pytest

from gradreel.errors import UsageError
from gradreel.trace.runner import trace
from gradreel.trace.schedule import MOST_STEPS, schedule


def written(folder: Path, source: str) -> Path:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


REFUSED = {
    "no Python": ("x = (1\n", ["not valid Python", "line 1"]),
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
    "endless": ("n = 0\nwhile True:\n    n += 1\n", ["too long", "while True", "line 3"]),
    "far too much output": ("for i in range(900):\n    print('x' * 999)\n", ["prints more than"]),
    "too many lines": ("a = 1\n" * 75, ["75 lines", "Cut 15 lines"]),
    "a note that cannot be filled": ("#: it is {a + b}\na = 1\n", ["{a + b}", "cannot be filled"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(case: str, tmp_path: Path) -> None:
    source, said = REFUSED[case]
    with pytest.raises(UsageError) as caught:
        trace(written(tmp_path, source))
    for words in said:
        assert words in str(caught.value)


def test_a_missing_file_and_a_wrong_kind_of_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        trace(tmp_path / "nowhere.py")
    with pytest.raises(UsageError, match=r"\.py file"):
        trace(tmp_path / "picture.png")


def test_too_many_steps_names_the_busiest_lines(tmp_path: Path) -> None:
    """Loops in a row are each shown in part; enough of them still make too much."""
    loop = "for i in range(9):\n    a = i\n    b = a\n    c = b\n"
    recording = trace(written(tmp_path, loop * 15))
    with pytest.raises(UsageError) as caught:
        schedule(recording)
    assert f"at most {MOST_STEPS}" in str(caught.value) or "seconds" in str(caught.value)
    assert "line " in caught.value.hint


def test_the_process_is_as_before(tmp_path: Path) -> None:
    """Whatever a script replaces or breaks off, the next one finds the world in order."""
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
    assert trace(written(tmp_path, source)).fault is not None
    with pytest.raises(UsageError):
        trace(written(tmp_path, "input()\n"))
    after = (
        sys.stdout, sys.stdin, sys.argv, list(sys.path), time.sleep, input,
        torch.get_default_dtype(), torch.is_grad_enabled(), torch.random.get_rng_state().tolist(),
        sys.gettrace(), sys.modules["__main__"], torch.autograd._engine_run_backward,
    )  # fmt: skip
    assert before == after


def test_a_run_is_the_same_every_time(tmp_path: Path) -> None:
    source = """
        import random
        import numpy as np
        import torch
        a, b, c = random.random(), np.random.rand(), torch.rand(2)
        words = {"one", "two", "three"}
    """
    path = written(tmp_path, source)
    assert trace(path).to_json() == trace(path).to_json()
