"""Recurrent layers of torch as their cells' equations, with a name for every gate.

A fused kernel hides the gates of an LSTM or a GRU. While a program is recorded, these layers
compute the equations of their documentation with plain operations instead. Result and gradients are
compared with the fused kernel's; where they differ, or a layer does more (dropout, projections,
packed sequences), the kernel is used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import _engine_run_backward
from torch.nn.functional import linear
from torch.nn.utils.rnn import PackedSequence

from gradreel.record.function_mode import CallRecorder
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.tensor_values import tensors_equal
from gradreel.record.torch_patches import RECURRENT_FORWARD
from gradreel.tape import ModuleCall

NOTE = "{0} is opened into its gates: they give what PyTorch's fused kernel gives."
CELL_NAME_DEPTH = 9_000  # names of the program are preferred
Weights = Sequence[Tensor]
Naming = Callable[..., None]
State = tuple[Tensor, ...]


def lstm_step(x: Tensor, state: State, weights: Weights, name: Naming) -> State:
    """The next (h, c): gates i, f, o and candidate g."""
    h, c = state
    w_ih, w_hh, *bias = weights
    sums = linear(x, w_ih, *bias[:1]) + linear(h, w_hh, *bias[1:])
    i, f, g, o = sums.chunk(4, -1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    name(i=i, f=f, g=g, o=o)
    c = f * c + i * g
    h = o * c.tanh()
    name(c=c, h=h)
    return h, c


def gru_step(x: Tensor, state: State, weights: Weights, name: Naming) -> State:
    """The next (h,): gates r and z, and candidate n."""
    (h,) = state
    w_ih, w_hh, *bias = weights
    of_x, of_h = (
        linear(x, w_ih, *bias[:1]).chunk(3, -1),
        linear(h, w_hh, *bias[1:]).chunk(3, -1),
    )
    r, z = (of_x[0] + of_h[0]).sigmoid(), (of_x[1] + of_h[1]).sigmoid()
    n = (of_x[2] + r * of_h[2]).tanh()
    name(r=r, z=z, n=n)
    h = (1 - z) * n + z * h
    name(h=h)
    return (h,)


Step = Callable[[Tensor, State, Weights, Naming], State]
KINDS: Mapping[type[nn.Module], tuple[Step, int, bool]] = {
    nn.LSTM: (lstm_step, 2, False),
    nn.GRU: (gru_step, 1, False),
    nn.LSTMCell: (lstm_step, 2, True),
    nn.GRUCell: (gru_step, 1, True),
}
"""For each class: a step, of how many tensors its state is made, and whether it is one step."""


@contextlib.contextmanager
def open_recurrent_cells(graph: GraphBuilder, calls: CallRecorder) -> Iterator[list[str]]:
    """While the block runs, recurrent layers compute their equations; gives the list of notes."""
    notes: list[str] = []
    with contextlib.ExitStack() as stack:
        for kind in KINDS:
            opened = _Opened(graph, calls, kind, notes)
            replacement = lambda module, *a, _o=opened, **k: _o.forward(module, *a, **k)  # noqa: E731
            stack.enter_context(RECURRENT_FORWARD.installed(kind, replacement))
        yield notes


class _Opened:
    """The forward method of one class of recurrent modules."""

    def __init__(
        self, graph: GraphBuilder, calls: CallRecorder, kind: type[nn.Module], notes: list[str]
    ) -> None:
        self.graph, self.calls, self.notes = graph, calls, notes
        self.fused: Callable[..., Any] = kind.__dict__["forward"]
        self.step, self.states, self.is_cell = KINDS[kind]
        self.cell_kind = kind.__name__.removesuffix("Cell") + "Cell"

    def forward(self, module: Any, x: Any, state: Any = None) -> Any:
        if self.calls.paused or not self._fits(module, x) or not self._agrees(module, x, state):
            return self.fused(module, x, state)
        note = NOTE.format(self.graph.module or type(module).__name__)
        self.notes += [] if note in self.notes else [note]
        return self._run(module, x, state, _weights_of(module), self._name)

    def _fits(self, module: Any, x: Any) -> bool:
        if isinstance(x, PackedSequence) or x.dim() not in (1, 2, 3):
            return False
        if self.is_cell:
            return True
        plain = not getattr(module, "proj_size", 0) and not (module.dropout and module.training)
        return plain and x.dim() == 3

    def _run(self, module: Any, x: Tensor, state: Any, weights: Weights, name: Naming) -> Any:
        size = 2 + 2 * bool(module.bias)
        if self.is_cell:
            first = self._initial(state, x.new_zeros(*x.shape[:-1], module.hidden_size))
            after = self.step(x, first, weights[:size], name)
            return after if self.states == 2 else after[0]
        directions = 1 + bool(module.bidirectional)
        batch = x.shape[0 if module.batch_first else 1]
        none = x.new_zeros(module.num_layers * directions, batch, module.hidden_size)
        initial = self._initial(state, none)
        ends: list[State] = []
        time = 1 if module.batch_first else 0
        for layer in range(module.num_layers):
            sides = []
            for side in range(directions):
                k = layer * directions + side
                given = weights[k * size : (k + 1) * size]
                hidden, end = self._over_time(
                    x.unbind(time), tuple(s[k] for s in initial), given, name, bool(side)
                )
                sides.append(torch.stack(hidden, time))
                ends.append(end)
            x = sides[0] if directions == 1 else torch.cat(sides, -1)
        last = tuple(torch.stack([end[j] for end in ends]) for j in range(self.states))
        return x, last if self.states == 2 else last[0]

    def _over_time(
        self, inputs: Sequence[Tensor], state: State, weights: Weights, name: Naming, back: bool
    ) -> tuple[list[Tensor], State]:
        hidden: list[Tensor] = []
        for one in reversed(inputs) if back else inputs:
            with self._as_module_call(weights) if name == self._name else contextlib.nullcontext():
                state = self.step(one, state, weights, name)
            hidden.append(state[0])
        return (hidden[::-1] if back else hidden), state

    def _initial(self, state: Any, zeros: Tensor) -> State:
        if state is None:
            return (zeros,) * self.states
        return tuple(state) if self.states == 2 else (state,)

    @contextlib.contextmanager
    def _as_module_call(self, weights: Weights) -> Iterator[None]:
        """A step in time as a call of its own, `lstm.cell`."""
        graph = self.graph
        outer = graph.module, graph.module_call
        path = f"{outer[0]}.cell"
        count = sum(weight.numel() for weight in weights)
        graph.module_calls.append(ModuleCall(path, self.cell_kind, outer[1], count, ()))
        graph.module, graph.module_call = path, len(graph.module_calls)
        try:
            yield
        finally:
            graph.module, graph.module_call = outer

    def _name(self, **values: Tensor) -> None:
        for name, tensor in values.items():
            node = self.graph.find(tensor)
            if node is not None and node.name_depth > CELL_NAME_DEPTH:
                node.name, node.name_depth = name, CELL_NAME_DEPTH

    # Comparison

    def _agrees(self, module: Any, x: Tensor, state: Any) -> bool:
        """Whether equations and kernel have equal results and gradients, up to rounding."""
        self.calls.paused = True
        try:
            with torch.enable_grad():
                both = [self._results(module, x, state, opened) for opened in (True, False)]
            return all(_close(one, other) for one, other in zip(*both, strict=True))
        finally:
            self.calls.paused = False

    def _results(self, module: Any, x: Tensor, state: Any, opened: bool) -> list[Tensor]:
        """The outputs, and the gradients at input, state and weights for fixed output gradients."""
        copies = [t.detach().clone().requires_grad_() for t in _tensors(x, state)]
        given = copies[0], _like(state, copies[1:])
        weights = _weights_of(module)
        if opened:
            result = self._run(module, *given, weights, lambda **_: None)
        else:
            result = self.fused(module, *given)
        outputs = _tensors(result)
        seeds = [torch.linspace(-1, 1, o.numel()).to(o).reshape(o.shape) for o in outputs]
        asked = (*copies, *(w for w in weights if w.requires_grad))
        found = _engine_run_backward(
            tuple(outputs), tuple(seeds), False, False, asked, True, accumulate_grad=False
        )
        return [*outputs, *(g for g in found if g is not None)]


def _weights_of(module: Any) -> list[Tensor]:
    if hasattr(module, "all_weights"):
        return [weight for layer in module.all_weights for weight in layer]
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return [w for w in (getattr(module, name) for name in names) if w is not None]


def _tensors(*items: Any) -> list[Tensor]:
    found: list[Tensor] = []
    for item in items:
        found += [item] if isinstance(item, Tensor) else _tensors(*(item or ()))
    return found


def _like(state: Any, copies: list[Tensor]) -> Any:
    return tuple(copies) if isinstance(state, (tuple, list)) else copies[0] if copies else None


def _close(one: Tensor, other: Tensor) -> bool:
    one, other = one.detach(), other.detach()
    scale = torch.full_like(other, float(other.abs().max()) if other.numel() else 0.0)
    return tensors_equal(one, other, 64 * scale + 1e-30, exactly=False)
