import torch


def power(base, exponent):
    if exponent == 0:
        return torch.ones(())
    rest = power(base, exponent - 1)
    return base * rest


x = torch.tensor(1.5, requires_grad=True)
y = power(x, 4)
y.backward()
print(y.item(), x.grad.item())
