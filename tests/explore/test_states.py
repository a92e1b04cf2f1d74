"""Numbers of dragged states equal what torch computes for them here, in another process.

With parameters of the user's own; test_docs_pages.py compares whole grids with the default ones.
"""

from __future__ import annotations

import queue
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from deltarender.jobs import Job, SceneRef
from deltarender.live.messages import DrawState, LiveTask, SceneReady
from deltarender.live.session import LiveSession
from gradreel.catalog import find_entries
from gradreel.explore.opened_scene import HOOKS
from gradreel.lecture_settings import LectureSettings

pytestmark = pytest.mark.slow
SIZE = LectureSettings(320, 180, 10)


@contextmanager
def open_scene(name: str, tmp_path: Path, **params: str):
    """The ready message of a scene, and a function (values, step) -> picture."""
    entry, answers = find_entries(name)[0], queue.Queue()
    job = Job(SceneRef(Path(entry.file), entry.cls, name), SIZE, tuple(params.items()), tmp_path)
    task = LiveTask(job, tmp_path, tmp_path / "log", HOOKS, preload=("torch",))
    session = LiveSession(task, answers.put)
    try:
        ready = answers.get(timeout=60)
        assert isinstance(ready, SceneReady), ready

        def show(values: dict[str, float], step: int = -1, pressed: tuple[str, ...] = ()):
            session.ask(DrawState(0, step, values, pressed=pressed))
            return answers.get(timeout=60)

        yield ready, show
    finally:
        session.close()


def grid(ready: SceneReady, count: int, drag: int = 0) -> list[float]:
    row = ready.controls["drags"][drag]
    return [float(v) for v in np.linspace(row["low"], row["high"], count)]


def value_and_slope(f, *at: float) -> list[float]:
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in at]
    value = f(*leaves)
    return [float(value.detach()), *(float(g) for g in torch.autograd.grad(value, leaves))]


def values_of(picture) -> list[float]:
    return [number["value"] for number in picture.shown["numbers"]]


def test_tangent_line(tmp_path):
    def f(x):
        return x * torch.sin(x)

    with open_scene("TangentLine", tmp_path, function="x*sin(x)") as (ready, show):
        for x in grid(ready, 33):
            shown = values_of(show({"x_tracker": x}))[:3]  # at rest, the caption has one more
            assert shown == pytest.approx([x, *value_and_slope(f, x)])


def test_chain_rule(tmp_path):
    with open_scene("ChainRule", tmp_path, function="sin(exp(x))", x="0.5") as (ready, show):
        for wanted in grid(ready, 17):
            shown = values_of(show({"x_tracker": wanted}))
            # All numbers are those at the x that is read, which has the decimals of the nudge.
            x = round(wanted, 3)
            u, outer = value_and_slope(torch.exp, x)
            y, inner = value_and_slope(torch.sin, u)
            total = value_and_slope(lambda x: torch.sin(torch.exp(x)), x)[1]
            assert shown[:3] == pytest.approx([x, u, y])
            slopes = set(np.round(shown[3:], 9)) - {0.001}  # the nudge
            assert slopes == set(np.round([outer, inner, total], 9))


def test_gradient_vector(tmp_path):
    def f(x, y):
        return x**2 * y + y**3

    with open_scene("GradientVector", tmp_path, function="x**2*y + y**3") as (ready, show):
        for x in grid(ready, 5):
            for y in grid(ready, 5, drag=1):
                shown = sorted(values_of(show({"x": x, "y": y})))
                assert shown == pytest.approx(sorted([x, y, *value_and_slope(f, x, y)]))


def test_secant(tmp_path):
    step = 2  # the secant with its lens, before the limit replaces the slope

    def f(x):
        return x**3

    with open_scene("SecantToTangent", tmp_path, function="x**3", x="1.5") as (ready, show):
        for log_h in grid(ready, 9):
            h = 10**log_h
            slope = (f(1.5 + h) - f(1.5)) / h
            shown = values_of(show({"log_width": log_h}, step))
            assert any(v == pytest.approx(slope, rel=1e-6) for v in shown)


def test_accumulation_adds_every_press_since_zero_grad(tmp_path):
    one, two, zero = "loss_1.backward()", "loss_2.backward()", "zero_grad()"
    with open_scene("AccumulationTrap", tmp_path, x="1.5") as (_, show):
        for pressed in [(), *product((one, two, zero), repeat=2), (one,) * 9]:
            x = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
            for call in pressed:
                if call == zero:
                    x.grad = None
                else:
                    (x**2 if call == one else x**3).backward()
            shown = show({}, pressed=pressed).shown["numbers"]
            grads = [n["value"] for n in shown if n["source"].startswith("x.grad after")]
            assert grads == ([] if x.grad is None else [float(x.grad)])


def test_descent_steps_from_any_start_with_any_rate(tmp_path):
    with open_scene("GradientDescent", tmp_path) as (_, show):
        for x, lr, steps in ((5.5, 0.1, 3), (0.5, 1.0, 2), (2.0, 0.01, 5), (6.0, 0.5, 0)):
            values = {"board.start": x, "board.rate": float(np.log10(lr)), "board.optimizer": 0}
            shown = show(values, pressed=("optimizer.step()",) * steps).shown["numbers"]
            for _ in range(steps):
                x -= lr * 2 * (x - 3)
            last = [
                n["value"] for n in shown if n["source"].endswith(f"after {steps} steps of SGD")
            ]
            for value in ((x - 3) ** 2, 2 * (x - 3), *((x,) if steps else ())):
                assert any(value == pytest.approx(one) for one in last), (value, last)
        many = show({"board.optimizer": 5}, pressed=("optimizer.step()",) * 100).shown["numbers"]
        assert any("after 100 steps of Adam" in n["source"] for n in many)


def test_descent_on_a_surface_from_where_one_clicks(tmp_path):
    with open_scene("LossSurface", tmp_path, surface="bowl") as (_, show):
        x, y, lr = 1.2, -0.7, 0.1
        values = {"board.x": x, "board.y": y, "board.rate": -1.0}
        for steps in range(3):
            shown = values_of(show(values, pressed=("optimizer.step()",) * steps))
            assert shown == pytest.approx([lr, (x**2 + y**2) * (1 - 2 * lr) ** (2 * steps)])


def test_the_graph_of_any_program_with_any_inputs(tmp_path):
    def three_uses(x, y):
        return 3 * x * y + (x * y) ** 2 + x * y

    with open_scene("BackwardFlow", tmp_path) as (ready, show):
        drags = {drag["name"]: drag for drag in ready.controls["drags"]}
        assert drags["board.program"]["names"] == ("two paths", "one chain", "three uses")
        last = drags["board.step"]["high"]
        x, y = -1.5, 0.5
        at = {"board.program": 2, "board.x": x, "board.y": y}
        gradients = value_and_slope(three_uses, x, y)
        shown = values_of(show({**at, "board.step": last}))
        assert all(any(v == pytest.approx(g) for v in shown) for g in gradients)
        # Forward and back: in the beginning there are the leaves alone.
        assert values_of(show({**at, "board.step": 0})) == [x, y]
        own = show({"board.program": 1, "board.x": 1.0, "board.step": last})
        assert any(v == pytest.approx(6 * 4 / 7) for v in values_of(own))  # d/dx (3x+1)^2 / 7


def test_a_moved_state_hides_the_caption_and_going_back_restores_the_picture(tmp_path):
    with open_scene("TangentLine", tmp_path) as (_, show):
        at_rest = show({})
        assert at_rest.shown["caption"]
        moved = show({"x_tracker": 0.25})
        assert not moved.shown["caption"]
        again = show({})
        assert again.patches == at_rest.patches
        assert again.shown == at_rest.shown
