#: Every operation on a tracked tensor adds a node to a graph.
import torch

#: Two leaves: tensors that we made, with the recording switched on.
x = torch.tensor(2.0, requires_grad=True)
y = torch.tensor(3.0, requires_grad=True)

#: Each result carries the name of the step that leads back: its grad_fn.
a = x * y
b = x**2
z = a + b

for name, t in {"x": x, "a": a, "b": b, "z": z}.items():
    node = t.grad_fn.name() if t.grad_fn else None
    print(f"{name} = {t.item():.0f}, leaf: {t.is_leaf}, {node}")

#: Backward follows those steps. x is reached on two paths, so its parts add up to {x.grad}.
z.backward()
print(f"x.grad = {x.grad:.0f}, y.grad = {y.grad:.0f}")
