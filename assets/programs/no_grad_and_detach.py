#: This square knows its way back.
import torch

x = torch.tensor(3.0, requires_grad=True)
tracked = x**2

#: Under no_grad and after detach, nothing leads back.
with torch.no_grad():
    untracked = x**2
cut = tracked.detach()

#: So only one of two factors sends a gradient. The slope is {whole}, and half of it arrives: {x.grad}.
y = tracked * cut
y.backward()
whole = 4 * x.item() ** 3
print(f"{x.grad:.0f} of {whole:.0f}")
