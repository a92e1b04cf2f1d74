import contextlib
import pickle
from dataclasses import dataclass

import torch


class Loud:
    def __repr__(self):
        raise ValueError("no")

    def __bool__(self):
        raise ValueError("no truth")


class Slots:
    __slots__ = ("a",)

    def __init__(self):
        self.a = 1

    def __eq__(self, other):
        raise RuntimeError


@dataclass
class P:
    v: int


@contextlib.contextmanager
def managed(n):
    yield n + 1


loud = Loud()
slots = Slots()
many = [Loud(), Slots()]
copy = pickle.loads(pickle.dumps(P(3)))
with managed(2) as m:
    q = m * 2
w = torch.ones(2, requires_grad=True)
v = (w * 3)[0]
view = w.detach()[1:]
loop = []
loop.append(loop)
words = {"a": loud}
sparse = torch.eye(2).to_sparse()
empty = torch.zeros(0)
boolean = torch.tensor(True)
half = torch.tensor(1.5, dtype=torch.bfloat16)
huge = 10**400
neg = -0.0
c = 1 + 2j
n = None
dev = torch.device("cpu")
size = w.shape
gen = (i for i in range(3))
first = next(gen)
print("x", end="")
print("y", flush=True)
long = 10**5000
letters = {"b", "a", "c", "e", "d"}
many = "z" * 100000
