"""Code of a notebook's cells, written to a file: loaded from there, it computes the same."""

from __future__ import annotations

import linecache
import runpy
import sys
from typing import Any

import pytest
import torch

from gradreel.cell_code import write_code
from gradreel.errors import UsageError

CELL = """
import math as m
from math import pi
from torch import nn
import torch

scale, table = 3.0, [1, 2]

def line(x):
    return scale * x

wave = lambda x: torch.sin(x)

def shifted(by):
    def inner(x):
        return line(x) + by
    return inner

class Net(nn.Module):
    def __init__(self, size=2):
        super().__init__()
        self.fc = nn.Linear(size, 1)

    def forward(self, x):
        return line(self.fc(x)).sum()

plain = lambda x: x**2
both = lambda x: line(wave(x)) + pi * m.sqrt(table[1]); other = lambda x: line(x)
five = shifted(5)
lock = __import__("threading").Lock()
locked = lambda x: lock
"""


@pytest.fixture
def cell(monkeypatch) -> dict[str, Any]:
    """What is defined after a cell has run, in `__main__` as in a notebook."""
    name = "<ipython-input-1>"
    monkeypatch.setitem(linecache.cache, name, (len(CELL), None, CELL.splitlines(True), name))
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(CELL, name, "exec"), scope)
    return scope


def loaded(reference: str) -> Any:
    path, _, name = reference.rpartition(":")
    return runpy.run_path(path)[name]


@pytest.mark.parametrize("name", ["plain", "line", "wave", "both", "other", "five"])
def test_a_function_computes_the_same_from_its_file(cell, tmp_path, name) -> None:
    x = torch.tensor(0.7, dtype=torch.float64)
    reference = write_code(cell[name], tmp_path)
    assert loaded(reference)(x) == cell[name](x)
    assert write_code(cell[name], tmp_path) == reference


def test_a_module_keeps_its_class_and_its_weights(cell, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "Net", cell["Net"], raising=False)
    net, x = cell["Net"](3), torch.ones(2, 3)
    assert torch.equal(loaded(write_code(net, tmp_path))(x), net(x))
    assert loaded(write_code(cell["Net"], tmp_path))(3).fc.in_features == 3


def test_what_no_file_can_hold_is_named(cell, tmp_path) -> None:
    with pytest.raises(UsageError, match="lock is a lock"):
        write_code(cell["locked"], tmp_path)
    with pytest.raises(UsageError, match="neither a function nor a module"):
        write_code("".join, tmp_path)
