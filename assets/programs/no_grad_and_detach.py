#: This square knows its way back.
import torch

x = torch.tensor(3.0, requires_grad=True)
tracked = x**2

#: Under no_grad, the same square has none.
with torch.no_grad():
    untracked = x**2

#: And detach cuts it off.
cut = tracked.detach()

#: Now only one factor sends a gradient back.
y = tracked * cut
y.backward()

#: The slope is {whole}. Only half of it arrives: {x.grad}.
whole = 4 * x.item() ** 3
print(f"{x.grad:.0f} of {whole:.0f}")
