"""Programs that cannot be recorded, and a few that can."""
# ruff: noqa: F821

import torch

COUNT = 3


def spring(x, stiffness=2.0):
    return stiffness * x**2 / 2 - x


def product(x, y):
    a = torch.sin(x) * y
    return a / (1 + y**2)


def nothing(x):
    x * 2


def vector(x):
    return torch.stack([x, x])


def unrelated(x):
    return torch.tensor(1.0)


def fails(x):
    doubled = x * 2
    return doubled / undefined


def in_place(x):
    x += 1
    return x * x


def asks(x):
    return x * float(input("how much? "))


def long(x):
    for _ in range(2500):
        x = torch.sin(x) * 1.0001
    return x


def boundless(x):
    return torch.log(x) * 0 + 1 / x


def any_number(*xs):
    return xs[0]


class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()

    def forward(self, x):
        return x
