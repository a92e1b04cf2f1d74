#: Ask PyTorch to watch x.
import torch

x = torch.tensor(2.0, requires_grad=True)

#: Write the function as usual.
y = x**2 + 3 * x + 2

#: One call, and autograd goes back. It leaves the slope in x.grad: exactly {x.grad}.
y.backward()
print(f"y = {y:.1f}")
print(f"dy/dx = {x.grad:.1f}")
