"""Programs whose backward passes add to .grad, run hooks, or start with something other than 1."""

import torch


def hooked(x, y):
    h = 3 * x

    def tenfold(gradient):
        return gradient * 10

    def clamp(gradient):
        return gradient.clamp(max=5)

    h.register_hook(tenfold)
    x.register_hook(clamp)
    z = h**2 + x * y
    return z


def two_batches(w):
    for x, t in ((1.0, 2.0), (3.0, 1.0)):
        loss = (w * x - t) ** 2
        loss.backward()


def preset(x):
    x.grad = torch.tensor(10.0, dtype=x.dtype)
    y = x**2
    return y


def twice(x, y):
    s = (x * y).tanh()
    s.backward(retain_graph=True)
    s.backward()


def chosen_input(x):
    h = 3 * x
    z = h**2
    z.backward(inputs=[h])


def seed_of_two(x):
    y = x**3
    y.backward(gradient=torch.tensor(2.0, dtype=x.dtype))


def two_roots(x):
    first = x**2
    second = first**2
    torch.autograd.backward([first, second])


def dropped(x):
    def drop(tensor):
        tensor.grad = None

    x.register_post_accumulate_grad_hook(drop)
    y = x**2
    return y


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


def reversal(x, y):
    h = x * y
    r = Reverse.apply(h)
    z = r**2
    return z


def hooks_on_a_vector(x):
    def double(gradient):
        return 2 * gradient

    def triple(gradient):
        return 3 * gradient

    x.register_hook(double)
    x.register_hook(triple)
    return (x * x).sum()


class Wide(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(784, 10)

    def loss(self, x):
        return self.fc(x).logsumexp(-1).mean()


def tall(w):
    return w.sin().sum()


def vector_seed(x):
    y = x**2
    y.backward(torch.tensor([1.0, 0.0, -1.0], dtype=x.dtype))
