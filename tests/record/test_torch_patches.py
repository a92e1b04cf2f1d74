"""The registry of replaced torch attributes is complete, and every replacement is undone."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from gradreel.errors import RecordingError
from gradreel.record import record
from gradreel.record.torch_patches import (
    FUNCTION_APPLY,
    MODULE_APPLY,
    PATCHES,
    RUN_BACKWARD,
    TorchPatch,
    active_patches,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.attribute)
def test_a_row_names_an_existing_function_and_an_existing_test(patch: TorchPatch) -> None:
    module, _, function = patch.installed_by.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))
    file, _, test = patch.test.partition("::")
    assert re.search(rf"^def {test}\(", (ROOT / file).read_text(), flags=re.M)
    assert patch.reason.endswith(".")


def test_patches_are_active_during_a_recording_and_undone_after_it() -> None:
    temporary = (RUN_BACKWARD, FUNCTION_APPLY, MODULE_APPLY)
    during: list[TorchPatch] = []

    def program(x: Any) -> Any:
        during.extend(active_patches())
        return x * x

    before = active_patches()
    record(program, x=2.0)
    assert [during.count(patch) for patch in temporary] == [1, 1, 1]
    assert active_patches() == before
    assert not set(temporary) & set(before)


def test_patches_are_undone_after_an_error() -> None:
    before = active_patches()
    with pytest.raises(RecordingError):
        record(lambda x: x.no_such_attribute, x=2.0)
    assert active_patches() == before


def test_an_attribute_that_was_absent_is_deleted_again() -> None:
    class Owner:
        pass

    patch = TorchPatch("Owner", "attribute", "", "", "", "")
    undo = patch.install(Owner, 1)
    assert vars(Owner)["attribute"] == 1
    undo()
    assert "attribute" not in vars(Owner)


def torch_names(tree: ast.Module) -> set[str]:
    """The names that a module imports from torch, and `torch` itself."""
    names = {"torch"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "torch":
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def patched_attributes(source: str) -> list[str]:
    """The targets in `source` of assignments and `setattr` calls to objects of torch."""
    tree = ast.parse(source)
    names = torch_names(tree)
    targets: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets += [one for one in node.targets if isinstance(one, ast.Attribute)]
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute):
            targets.append(node.target)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "patch.object"):
            targets.append(node.args[0])
    return [t for t in map(ast.unparse, targets) if re.split(r"\W", t)[0] in names]


def test_no_module_but_the_registry_sets_attributes_of_torch() -> None:
    assert patched_attributes("import torch\ntorch.autograd.backward = None") != []
    assert patched_attributes("from torch import nn\nsetattr(nn.Module, 'x', 1)") != []
    files = [*ROOT.glob("gradreel/**/*.py"), *ROOT.glob("scenes/**/*.py")]
    assert len(files) > 100
    found = {str(path): patched_attributes(path.read_text()) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


UNINSTALL = """
import sys
import torch
from torch.optim import SGD, Adam
original = SGD.__dict__["step"]
from gradreel.record import avoid_dynamo_import
from gradreel.record.torch_patches import active_patches
assert SGD.__dict__["step"] is not original and active_patches()
w = torch.tensor(1.0, requires_grad=True)
w.grad = torch.tensor(1.0)
counts = []
optimizer = Adam([w])
optimizer.register_step_post_hook(lambda *_: counts.append(1))
optimizer.step()
assert "torch._dynamo" not in sys.modules
avoid_dynamo_import.uninstall()
assert SGD.__dict__["step"] is original and not active_patches()
optimizer.step()
print("torch._dynamo" in sys.modules, len(counts))
"""


def test_the_patches_against_dynamo_can_be_uninstalled() -> None:
    """Afterwards a step imports the compiler again, and hooks on the step are still called."""
    process = subprocess.run(
        [sys.executable, "-c", UNINSTALL], capture_output=True, text=True, check=False
    )
    assert process.stdout.split() == ["True", "2"], process.stderr


def test_the_version_of_torch_is_one_that_was_checked() -> None:
    installed = tuple(map(int, torch.__version__.partition("+")[0].split(".")))
    for patch in PATCHES:
        assert installed >= tuple(map(int, patch.since.split(".")))
