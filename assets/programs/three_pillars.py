#: The switch, the trigger, the result: the three things to know about autograd.
import torch

#: The switch: w and b are to be learnt, so they require a gradient. The data x does not.
w = torch.tensor(0.5, requires_grad=True)
b = torch.tensor(0.1, requires_grad=True)
x = torch.tensor(2.0)
target = torch.tensor(1.0)

#: The forward pass misses the target a little: z is {z}.
z = w * x + b
#: The loss is the squared miss: {loss}.
loss = (z - target) ** 2
print(f"before: {w.grad}, {b.grad}")

#: The trigger.
loss.backward()

#: The result: w.grad is {w.grad} and b.grad is {b.grad}.
print(f"w.grad = {w.grad:.2f}, b.grad = {b.grad:.2f}")
