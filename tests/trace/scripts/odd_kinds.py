import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g
x = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
y = Cube.apply(x)
y[0].backward(retain_graph=True)
y[2].backward()
z = torch.complex(x, 2 * x)
size = (z * z.conj()).real.sum()
(g,) = torch.autograd.grad(size, x, create_graph=True)
g.sum().backward()
h = x.detach().half() * 3
v = x.clone()
v[1:].mul_(2)
first, rest = v[0].item(), v[1:]
result = {"loss": (v**2).sum(), "parts": [v, rest]}
result["loss"].backward()
