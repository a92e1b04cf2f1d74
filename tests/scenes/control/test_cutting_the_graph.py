"""CuttingTheGraph against SymPy, and against the memory of a network worked out on paper."""

from __future__ import annotations

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.control.detach_comparison_experiment import compare_detach
from gradreel.scenes.control.saved_tensor_memory_experiment import Network, saved_tensor_memory
from tests.scenes.run_scene import duration, numbers, dry_run, captions_of

DEFAULTS = {
    "function": "x**2", "x": 3.0, "write": 100.0, "depth": 8, "cut": 4, "rows": 256, "width": 256,
    "activation": "tanh", "dtype": "float32",
}  # fmt: skip


def by_sympy(function, x):
    """The value, and the parts of the slope of x * f(x): beside f, and through it."""
    symbol = sympy.Symbol("x")
    f = sympy.sympify(function)
    at = {symbol: sympy.Float(x, 30)}
    return float(f.subs(at)), float((symbol * sympy.diff(f, symbol)).subs(at))


def on_paper(depth, cut, activation):
    """Tensors kept: after each layer on the way forward, then before each on the way back.

    A tanh or relu keeps its result, which is the next layer's input: one a layer. A gelu keeps what
    it was given, and the next layer its result: two a layer, but one for the last.
    """

    def kept(first, last, enters):
        """By the layers after number `first` up to `last`; `enters` if the first's input counts."""
        layers = last - first
        if layers == 0:
            return 0
        return layers + enters + (layers - 1 if activation == "gelu" else 0)

    def at(k):
        return kept(0, k, False) if k < cut or not cut else kept(cut, k, True)

    ahead = [at(k) for k in range(depth + 1)]
    if cut:
        return ahead, [0 if k == cut else at(k) for k in range(depth - 1, cut - 1, -1)]
    # Its last bend has let go by then; what the one before handed on went with it.
    return ahead, [at(k) for k in range(depth - 1, -1, -1)]


def alike(shown, expected):
    """Whether these are the same numbers, however often each is there."""
    shown, expected = set(shown), set(expected)
    return all(any(s == pytest.approx(e) for s in shown) for e in expected) and all(
        any(s == pytest.approx(e) for e in expected) for s in shown
    )


@pytest.mark.parametrize(
    ("function", "x", "node"),
    [
        ("x**2", 3.0, "PowBackward0"),
        ("x*sin(x)", -2.5, "MulBackward0"),
        ("exp(x)", 0.5, "ExpBackward0"),
        ("x**2+3*x", 0.0, "AddBackward0"),
    ],
)
def test_what_each_knows_and_lets_through(function, x, node):
    found = compare_detach(Function.parse(function), x, write=-7.5)
    value, through = by_sympy(function, x)
    three = (found.tracked, found.untracked, found.detached)
    assert [r.value for r in three] == pytest.approx([value] * 3)
    assert [r.loss for r in three] == pytest.approx([x * value] * 3)
    assert [r.tracked for r in three] == [True, False, False]
    assert [r.grad_fn for r in three] == [node, None, None]
    assert [r.direct for r in three] == pytest.approx([value] * 3)
    assert found.tracked.sent == x
    assert found.tracked.through == pytest.approx(through)
    assert (found.untracked.through, found.detached.through) == (None, None)
    assert [r.grad for r in three] == pytest.approx([value + through, value, value])
    assert (found.shared.detached_is_same, found.shared.untracked_is_same) == (True, False)
    assert found.shared.before == pytest.approx([value] * 3)
    assert found.shared.after == pytest.approx([-7.5, value, -7.5])


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize(("depth", "cut"), [(2, 1), (5, 2), (7, 6)])
@pytest.mark.parametrize(("rows", "width", "dtype"), [(3, 5, "float64"), (64, 32, "float32")])
def test_memory_held(depth, cut, activation, rows, width, dtype):
    network = Network(depth, rows, width, activation, dtype)
    size = rows * width * {"float32": 4, "float64": 8}[dtype]
    for way, where in (("tracked", 0), ("detach", cut)):
        run = saved_tensor_memory(network, way, cut)
        ahead, back = on_paper(depth, where, activation)
        assert [sum(m.layers) / size for m in run.moments if not m.back] == ahead
        assert [sum(m.layers) / size for m in run.moments if m.back] == back
        assert [m.layer for m in run.moments if m.back] == list(range(depth - 1, where - 1, -1))
        in_unit = {"B": 1, "KiB": 1024, "MiB": 1024**2}[run.unit]
        assert run.most == max(ahead) * size / in_unit
    nothing = saved_tensor_memory(network, "no_grad", cut)
    assert {sum(m.layers) for m in nothing.moments} == {0}
    assert not any(m.back for m in nothing.moments)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"function": "x*exp(x)", "x": -1.5, "write": -3.25, "depth": 5, "cut": 1, "rows": 100,
         "width": 24, "activation": "gelu", "dtype": "float64"},
        {"function": "sin(x)", "x": 100, "depth": 16, "cut": 15, "rows": 1, "width": 1,
         "activation": "relu"},
    ],
)  # fmt: skip
def test_every_number_follows_the_parameters(given):
    p = {**DEFAULTS, **given}
    scene = dry_run("CuttingTheGraph", **given)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    value, through = by_sympy(p["function"], p["x"])
    x, write = p["x"], p["write"]
    assert alike(numbers(scene, beat="a constant"), [x, value, x * value, through, value + through])
    assert alike(numbers(scene, beat="a change seen through both"), [write, value])
    size = p["rows"] * p["width"] * {"float32": 4, "float64": 8}[p["dtype"]]
    most = [max(on_paper(p["depth"], cut, p["activation"])[0]) * size for cut in (0, p["cut"])]
    unit, power = next(
        (u, n) for u, n in (("MiB", 1024**2), ("KiB", 1024), ("B", 1)) if size * p["depth"] >= n
    )
    assert set(numbers(scene, beat="when to cut")) == {0, most[0] / power, most[1] / power}
    assert f" {unit} in all" in captions_of(scene)
    assert {p["cut"]} <= set(numbers(scene, beat="kept only up to the cut"))


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"cut": 5, "depth": 5}, "cut"),
        ({"function": "x"}, "tracked"),
        ({"function": "ln(x)", "x": -1}, "finite"),
        ({"rows": 0}, "rows"),
    ],
)
def test_what_cannot_be_shown_is_refused(given, word):
    with pytest.raises(UsageError, match=word):
        dry_run("CuttingTheGraph", **given)
