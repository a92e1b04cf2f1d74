#: backward adds to .grad. It does not replace what is there.
import torch

x = torch.tensor(3.0, requires_grad=True)

#: The slope of x² is in x.grad: {x.grad}. So far, so good.
(x**2).backward()
print(f"after x**2: {x.grad:.0f}")

#: The slope of x³ was added to it. Now x.grad is {x.grad}: the old slope is still in it.
(x**3).backward()
print(f"after x**3: {x.grad:.0f}")

#: Emptied before the next pass ...
x.grad.zero_()

#: ... it holds {x.grad}, the slope of x³ alone.
(x**3).backward()
print(f"zeroed, then x**3: {x.grad:.0f}")
