import torch

x = torch.tensor(5.0, dtype=torch.float64, requires_grad=True)
for i in range(1000):
    loss = (x - 1) ** 2
    loss.backward()
    with torch.no_grad():
        x -= 0.01 * x.grad
        x.grad.zero_()
print(x.item())
