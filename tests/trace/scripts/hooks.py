import torch

seen = []


def hook(g):
    seen.append(g.item())
    return g * 2


x = torch.tensor(3.0, requires_grad=True)
y = x * x
y.register_hook(hook)
z = y + 1
z.backward()
(dx,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
(ddx,) = torch.autograd.grad(dx, x)
print(seen, x.grad, ddx)
