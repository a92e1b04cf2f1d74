#: The slope of x squared goes into the bucket.
import torch

x = torch.tensor(3.0, requires_grad=True)
(x**2).backward()
print(f"after x**2: {x.grad:.0f}")

#: The slope of x cubed comes on top. {x.grad} is the slope of neither.
(x**3).backward()
print(f"after x**3: {x.grad:.0f}")

#: Empty the bucket first. {x.grad} is the slope of x cubed.
x.grad.zero_()
(x**3).backward()
print(f"zeroed, then x**3: {x.grad:.0f}")
