#: The derivative is the limit of rise over run. What if the run is just very small?
import torch


def f(x):
    return x**2 + 3 * x + 2


#: Numbers of 64 bits, because the rise will be tiny.
x = torch.tensor(2.0, dtype=torch.float64)
h = 1e-7

#: Two heights of the curve, a step h apart.
here = f(x)
there = f(x + h)

#: The rise is tiny too: {rise}.
rise = there - here
#: Rise over run gives {slope}. That is close to 2x + 3, but it is an approximation.
slope = rise / h
exact = 2 * x + 3

print(f"numerical: {slope:.6f}")
print(f"exact:     {exact:.6f}")
print(f"error:     {slope - exact:.1e}")
