import torch

#: Ask PyTorch to watch x.
x = torch.tensor(2.0, requires_grad=True)

#: We write the function, and y is {y}.
y = x**2 + 3 * x + 2

#: One call, and autograd goes back.
y.backward()

#: The slope is in x.grad: exactly {x.grad}.
print(f"y = {y.item():.1f}")
print(f"dy/dx = {x.grad.item():.1f}")
