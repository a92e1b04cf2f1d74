#: The same chain, and nobody works out a slope by hand.
import torch

x = torch.tensor(2.0, requires_grad=True)

#: The two links, written just as they are computed.
u = 3 * x + 1
y = u**2

#: u is no leaf, so PyTorch would drop its gradient; here it is asked to keep it.
u.retain_grad()

#: The slope at u is {u.grad}. Passed on through the inner link it is {x.grad} at x.
y.backward()

print(f"dy/du = {u.grad.item():.0f}")
print(f"dy/dx = {x.grad.item():.0f}")
