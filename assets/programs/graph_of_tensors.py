import torch

#: Two leaves.
x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(3.0, requires_grad=True)

#: Each result gets a grad_fn.
a = x * y
b = x**2
z = a + b

#: A leaf has no grad_fn.
print("x:", x.is_leaf, x.grad_fn)
#: A result knows which operation made it.
print("z:", z.is_leaf, z.grad_fn.name())
