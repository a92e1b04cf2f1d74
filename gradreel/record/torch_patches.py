"""The registry of all that gradreel replaces in PyTorch; every replacement can be undone.

Each row says what is replaced, by which function, why, with which version of torch it was checked,
and which test compares it with torch's own behaviour. No other module may set attributes of torch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_ABSENT = object()
_active: list[TorchPatch] = []


@dataclass(frozen=True)
class TorchPatch:
    """One attribute of torch that is replaced.

    `owners` names the objects whose `attribute` is set, `installed_by` the function that does it,
    `since` the oldest version of torch with which the patch was checked, `test` the test that
    holds it against torch without the patch.
    """

    owners: str
    attribute: str
    installed_by: str
    reason: str
    since: str
    test: str

    def install(self, owner: Any, replacement: Any) -> Callable[[], None]:
        """Set the attribute on `owner`, and return the function that puts the original back.

        Raises AttributeError if `owner` takes no attributes.
        """
        original = vars(owner).get(self.attribute, _ABSENT)
        setattr(owner, self.attribute, replacement)
        _active.append(self)

        def undo() -> None:
            if original is _ABSENT:
                delattr(owner, self.attribute)
            else:
                setattr(owner, self.attribute, original)
            _active.remove(self)

        return undo

    @contextlib.contextmanager
    def installed(self, owner: Any, replacement: Any) -> Iterator[None]:
        """Install the patch while the block runs."""
        undo = self.install(owner, replacement)
        try:
            yield
        finally:
            undo()


def active_patches() -> tuple[TorchPatch, ...]:
    """The patches that are installed now, once for each owner."""
    return tuple(_active)


RUN_BACKWARD = TorchPatch(
    owners="torch.autograd",
    attribute="_engine_run_backward",
    installed_by="gradreel.record.engine_hooks.intercept_backward",
    reason="Every backward pass starts in this function; torch has no public hook for its start.",
    since="2.13.0",
    test="tests/record/test_programs.py::test_gradients_equal_those_without_the_recorder",
)
FUNCTION_APPLY = TorchPatch(
    owners="torch.autograd.Function",
    attribute="apply",
    installed_by="gradreel.record.program_hooks.record_custom_functions",
    reason="A TorchFunctionMode does not see calls of custom autograd Functions.",
    since="2.13.0",
    test="tests/record/test_programs.py::test_gradients_equal_those_without_the_recorder",
)
MODULE_APPLY = TorchPatch(
    owners="torch.nn.Module",
    attribute="_apply",
    installed_by="gradreel.record.program_hooks.ignore_module_conversions",
    reason="Moving a module to another dtype or device is not an operation of the program.",
    since="2.13.0",
    test="tests/record/test_engine.py::test_a_module_created_by_the_program_has_the_name_of_its_variable",
)
OPTIMIZER_STEP = TorchPatch(
    owners="the optimizers of torch.optim",
    attribute="step",
    installed_by="gradreel.record.avoid_dynamo_import.install",
    reason="torch's wrapper of `step` imports the compiler (1 second, 70 MB), which is not used.",
    since="2.13.0",
    test="tests/record/test_avoid_dynamo_import.py"
    "::test_optimizers_reach_the_same_values_without_importing_the_compiler",
)
DYNAMO_DISABLE = TorchPatch(
    owners="functions of torch.optim.Optimizer and torch._refs that torch keeps from its compiler",
    attribute="__dynamo_disable",
    installed_by="gradreel.record.avoid_dynamo_import.install",
    reason="Without this attribute the first call imports the compiler, as for `step`.",
    since="2.13.0",
    test="tests/record/test_avoid_dynamo_import.py"
    "::test_optimizers_reach_the_same_values_without_importing_the_compiler",
)

COMPILE = TorchPatch(
    owners="torch",
    attribute="compile",
    installed_by="gradreel.record.without_compiler.without_compiler",
    reason="Compiled code has other operations than the program, and compiling takes seconds.",
    since="2.13.0",
    test="tests/record/test_own_path.py::test_a_compiled_program_is_recorded_in_eager_mode",
)

RECURRENT_FORWARD = TorchPatch(
    owners="LSTM, GRU, LSTMCell and GRUCell of torch.nn",
    attribute="forward",
    installed_by="gradreel.record.recurrent_cells.open_recurrent_cells",
    reason="The gates are inside a fused kernel, which has no nodes for them.",
    since="2.13.0",
    test="tests/record/test_recurrent_cells.py::test_gates_have_names_and_the_kernels_gradients",
)

FUNC_GRAD, FUNC_GRAD_AND_VALUE, FUNC_VMAP = (
    TorchPatch(
        owners=owner,
        attribute=attribute,
        installed_by="gradreel.record.func_transforms.plain_transforms",
        reason="The transforms of torch.func hide their values from hooks and modes.",
        since="2.13.0",
        test="tests/record/test_func_transforms.py::test_transforms_give_what_torch_func_gives",
    )
    for owner, attribute in (
        ("torch._functorch.eager_transforms", "grad_impl"),
        ("torch._functorch.eager_transforms", "grad_and_value_impl"),
        ("torch._functorch.apis", "vmap_impl"),
    )
)

PATCHES = (
    FUNC_GRAD,
    FUNC_GRAD_AND_VALUE,
    FUNC_VMAP,
    COMPILE,
    RECURRENT_FORWARD,
    RUN_BACKWARD,
    FUNCTION_APPLY,
    MODULE_APPLY,
    OPTIMIZER_STEP,
    DYNAMO_DISABLE,
)
