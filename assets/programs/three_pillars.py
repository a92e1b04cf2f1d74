import torch

#: The switch: requires_grad.
w = torch.tensor(0.5, requires_grad=True)
b = torch.tensor(0.1, requires_grad=True)
x = torch.tensor(2.0)
target = torch.tensor(1.0)

#: The model misses a little. The loss is {loss}.
z = w * x + b
gap = z - target
loss = gap**2
print(f"before: {w.grad}, {b.grad}")

#: The trigger: backward.
loss.backward()

#: The result: {w.grad} for w, {b.grad} for b.
print(f"w.grad = {w.grad:.2f}")
print(f"b.grad = {b.grad:.2f}")
