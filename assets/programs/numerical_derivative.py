import torch


def f(x):
    return x**2 + 3 * x + 2


#: Take a point, and a tiny step h.
x = torch.tensor(2.0, dtype=torch.float64)
h = 1e-7

#: Two heights, one step apart.
here = f(x)
there = f(x + h)

#: They differ by {rise}.
rise = there - here
slope = rise / h
#: The rule says {exact}: very close.
exact = 2 * x + 3

print(f"numerical: {slope:.6f}")
print(f"exact:     {exact:.6f}")
print(f"error:     {slope - exact:.1e}")
