import torch

#: Two leaves, and three operations on them.
x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(3.0, requires_grad=True)

a = x * y
b = x**2
z = a + b

#: Each result has a grad_fn, its way back.
print("x:", x.is_leaf, x.grad_fn)
print("a:", a.is_leaf, a.grad_fn.name())
print("b:", b.is_leaf, b.grad_fn.name())
print("z:", z.is_leaf, z.grad_fn.name())

#: Backward follows these ways.
z.backward()
#: At x, two of them add up to {x.grad}.
print(x.grad.item(), y.grad.item())
