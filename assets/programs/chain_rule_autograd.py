import torch

#: The same chain, and no slope by hand.
x = torch.tensor(2.0, requires_grad=True)
u = 3 * x + 1
y = u**2

#: u is no leaf, so we ask it to keep its own.
u.retain_grad()

#: Now backward. It leaves {u.grad} at u, and {x.grad} at x.
y.backward()

print(f"dy/du = {u.grad.item():.0f}")
print(f"dy/dx = {x.grad.item():.0f}")
