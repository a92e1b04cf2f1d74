#: The bucket of x is still empty.
import torch

x = torch.tensor(3.0, requires_grad=True)

#: The slope of x squared goes in.
(x**2).backward()
print(f"after x**2: {x.grad:.0f}")

#: The slope of x cubed, 27, comes on top. And {x.grad} is the slope of neither.
(x**3).backward()
print(f"after x**3: {x.grad:.0f}")

#: Empty it first.
x.grad.zero_()

#: Now the slope is right.
(x**3).backward()
print(f"zeroed, then x**3: {x.grad:.0f}")
