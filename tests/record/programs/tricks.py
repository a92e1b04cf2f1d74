"""Reparameterisation, Newton's method, a penalty on a gradient, a straight-through estimator."""

import torch


def vae(mean, log_var):
    noise = torch.tensor([0.3, -1.2], dtype=torch.float64)
    sample = mean + torch.exp(log_var / 2) * noise
    rebuilt = ((sample - 1) ** 2).sum()
    divergence = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum()
    return rebuilt + divergence


def newton(x):
    """Three steps toward the minimum of x**4 - 3*x, each with a second derivative."""
    for _ in range(3):
        f = x**4 - 3 * x
        (slope,) = torch.autograd.grad(f, x, create_graph=True)
        (bend,) = torch.autograd.grad(slope, x)
        x = (x - slope / bend).detach().requires_grad_()
    return x


def penalty(x, w):
    y = torch.tanh(w * x).sum()
    (slope,) = torch.autograd.grad(y, x, create_graph=True)
    return y + (slope.norm() - 1) ** 2


class Rounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def straight_through(x):
    r = Rounded.apply(x * 3)
    return (r**2).sum()


def momentum(x, y):
    """Two passes of an optimizer of torch over an elongated bowl."""
    optimizer = torch.optim.SGD([x, y], lr=0.1, momentum=0.9)
    for _ in range(2):
        optimizer.zero_grad()
        loss = x**2 + 10 * y**2
        loss.backward()
        optimizer.step()
    return loss


def clipped(w):
    loss = (w**3).sum()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([w], 1.0)
    return loss


def rows_filled(x):
    """Writes into a tensor row by row, as loops over time steps do."""
    table = torch.zeros(3, 2, dtype=torch.float64)
    for row in range(3):
        table[row] = x * (row + 1)
    table[0] *= x
    return (table**2).sum()
