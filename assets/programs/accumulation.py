import torch

#: The slope of x squared goes into x.grad.
x = torch.tensor(3.0, requires_grad=True)

(x**2).backward()
print(f"after x**2: {x.grad:.0f}")

#: The next one is added on top. And {x.grad} is neither slope.
(x**3).backward()
print(f"after x**3: {x.grad:.0f}")

#: Empty it first, and the slope is right.
x.grad.zero_()
(x**3).backward()
print(f"zeroed, then x**3: {x.grad:.0f}")
