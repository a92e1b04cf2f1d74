#: Take a function, a point, and a tiny step h.
import torch


def f(x):
    return x**2 + 3 * x + 2


x = torch.tensor(2.0, dtype=torch.float64)
h = 1e-7

#: Two heights, one step apart.
here = f(x)
there = f(x + h)

#: Rise over run, and beside it the rule.
rise = there - here
slope = rise / h
exact = 2 * x + 3

#: The step is off only in the eighth decimal.
print(f"numerical: {slope:.6f}")
print(f"exact:     {exact:.6f}")
