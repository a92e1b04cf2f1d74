#: The same derivative, without any h: autograd knows the rule of every operation.
import torch

#: requires_grad switches the recording on. x is a leaf: we made it ourselves.
x = torch.tensor(2.0, requires_grad=True)

#: The forward pass gives {y}, and y remembers which operation made it.
y = x**2 + 3 * x + 2

#: backward walks the graph from y to x. It leaves {x.grad} in x.grad.
y.backward()

print(f"y  = {y.item():.1f}")
print(f"dy/dx = {x.grad.item():.1f}")
