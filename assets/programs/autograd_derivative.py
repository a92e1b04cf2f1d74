#: Ask PyTorch to watch x.
import torch

x = torch.tensor(2.0, requires_grad=True)

#: Each step from x on is recorded.
y = x**2 + 3 * x + 2

#: One call sends each term's slope back.
y.backward()

#: They add up to x.grad: the exact slope.
print(f"dy/dx = {x.grad:.1f}")
