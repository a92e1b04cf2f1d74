import torch
w = torch.tensor(1.5, requires_grad=True)
b = torch.tensor(-0.5, requires_grad=True)
w.register_hook(lambda g: g * 2)
for x, t in ((1.0, 2.0), (2.0, 0.0)):
    loss = (w * x + b - t) ** 2 / 2
    loss.backward()
before = w.grad.clone()
with torch.no_grad():
    w -= 0.1 * w.grad
w.grad = None
loss = (w * 3 + b) ** 2
loss.backward()
