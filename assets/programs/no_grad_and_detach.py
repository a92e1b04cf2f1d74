#: This square knows its way back.
import torch

x = torch.tensor(3.0, requires_grad=True)
tracked = x**2

#: no_grad and detach cut the way back.
with torch.no_grad():
    untracked = x**2
cut = tracked.detach()

#: So only one of two factors sends a gradient. Half of {whole} arrives.
y = tracked * cut
y.backward()
whole = 4 * x.item() ** 3
print(f"{x.grad:.0f} of {whole:.0f}")
