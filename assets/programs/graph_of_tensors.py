#: Every operation on a tracked tensor adds a node to a graph.
import torch

#: Two leaves: tensors that we made, with the recording switched on.
x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(3.0, requires_grad=True)

#: Each result carries the name of the step that leads back: its grad_fn.
a = x * y
b = x**2
z = a + b

#: A leaf has no grad_fn: nothing computed it.
for t in (x, a, b, z):
    node = t.grad_fn and t.grad_fn.name()
    print(t.item(), t.is_leaf, node)

#: Backward follows those steps. x is reached on two paths, so its parts add up to {x.grad}.
z.backward()
print(x.grad.item(), y.grad.item())
