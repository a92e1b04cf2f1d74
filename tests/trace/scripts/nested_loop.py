import torch

w = torch.tensor(0.0, requires_grad=True)
for epoch in range(20):
    for target in (1.0, 2.0, 3.0):
        loss = (w - target) ** 2
        loss.backward()
        with torch.no_grad():
            w -= 0.05 * w.grad
            w.grad = None
print(round(w.item(), 3))
