#: This square knows its way back.
import torch

x = torch.tensor(3.0, requires_grad=True)
y = x**2

#: no_grad and detach cut the way back.
with torch.no_grad():
    n = x**2
d = y.detach()

#: So of three squares, one sends a gradient. Of {whole}, only {x.grad} arrive.
loss = y + n + d
loss.backward()
whole = 3 * 2 * x.item()
print(f"{x.grad:.0f} of {whole:.0f}")
