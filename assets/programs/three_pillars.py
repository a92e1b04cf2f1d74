#: The switch is requires_grad.
import torch

w = torch.tensor(0.5, requires_grad=True)
b = torch.tensor(0.1, requires_grad=True)
x, target = 2.0, 1.0

#: Forward computes the loss.
z = w * x + b
loss = (z - target) ** 2

#: The trigger is backward.
loss.backward()

#: The result is {w.grad} and {b.grad}.
print(f"w {w.grad:.1f}, b {b.grad:.1f}")
