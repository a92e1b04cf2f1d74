#: The same chain, no slope by hand. u keeps its gradient, too.
import torch

x = torch.tensor(2.0, requires_grad=True)
u = 3 * x + 1
y = u**2
u.retain_grad()

#: Backward goes from y up to x.
y.backward()

#: It leaves {u.grad} at u, {x.grad} at x.
print(f"dy/du = {u.grad:.0f}")
print(f"dy/dx = {x.grad:.0f}")
