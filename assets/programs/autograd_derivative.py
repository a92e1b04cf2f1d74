#: Ask PyTorch to watch x.
import torch

x = torch.tensor(2.0, requires_grad=True)

#: Write the function as usual.
y = x**2 + 3 * x + 2

#: One call, and autograd goes back.
y.backward()

#: And it leaves the exact slope in x.grad.
print(f"dy/dx = {x.grad:.1f}")
