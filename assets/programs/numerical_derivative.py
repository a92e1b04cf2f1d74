#: A function, a point x, and a tiny step h.
import torch


def f(x):
    return x**2 + 3 * x + 2


x = torch.tensor(2.0, dtype=torch.float64)
h = 1e-7

#: Two heights, one step apart.
here = f(x)
there = f(x + h)

#: Rise over run, against the rule 2x + 3.
rise = there - here
slope = rise / h
exact = 2 * x + 3

#: It is off from {exact} only in the eighth decimal.
print(f"numerical: {slope:.8f}")
print(f"exact:     {exact:.8f}")
