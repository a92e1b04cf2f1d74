import dataclasses

import torch


@dataclasses.dataclass
class Point:
    x: float
    y: float = 2.0

    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5


def squares(n):
    for k in range(n):
        yield k * k


def outer(a):
    def inner(b):
        return a + b

    return inner(1) + inner(2)


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        ctx.save_for_backward(t)
        return t**3

    @staticmethod
    def backward(ctx, g):
        (t,) = ctx.saved_tensors
        return 3 * t**2 * g


p = Point(3.0)
n = p.norm()
s = [v for v in squares(4)]
total = sum(value for value in s if value)
o = outer(10)
t = torch.tensor([1.0, 2.0], requires_grad=True)
c = Cube.apply(t).sum()
c.backward()
