#: Two leaves, three operations.
import torch

x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(3.0, requires_grad=True)
a = x * y
b = x**2
z = a + b

#: A result has a grad_fn, a leaf none.
print("x:", x.is_leaf, x.grad_fn)
print("z:", z.is_leaf, z.grad_fn.name())

#: Backward follows the same arrows. At x, two gradients add up to {x.grad}.
z.backward()
print("grads:", x.grad.item(), y.grad.item())
