"""Programs too large for one picture: long loops, deep networks, a transformer block."""

import torch
from torch import nn


def unrolled(w, u, b):
    """A recurrent net of one unit, forty passes over a wave."""
    h = [torch.zeros((), dtype=torch.float64)]
    for step in range(40):
        h.append(torch.tanh(w * h[-1] + u * (step % 4) + b))
    loss = (h[-1] - 0.5) ** 2
    return loss


def fixed_point(a):
    """Five thousand operations toward the number that is its own cosine times `a`."""
    x = a
    for _ in range(2500):
        x = a * torch.cos(x)
    return x


def learned_rate(rate):
    """The slope of a result of training with respect to the learning rate."""
    w = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    for _ in range(5):
        loss = (w - 1) ** 2 + 0.1 * w**4
        (slope,) = torch.autograd.grad(loss, w, create_graph=True)
        w = w - rate * slope
    final = (w - 1) ** 2
    return final


def two_arms(x, y):
    """Two independent loops whose results are multiplied."""
    left, right = x, y
    for _ in range(12):
        left = torch.sin(left) + y
        right = torch.exp(-right) * x
    together = left * right
    return together


def without_a_pattern(x):
    """Steps without a repeating pattern and without names of their own."""
    for digit in "31415926535897932384626433832795028841971693993751":
        if digit in "147":
            x = torch.sin(x)
        elif digit in "258":
            x = x * 1.5 - 0.2
        else:
            x = torch.tanh(x) + 0.1
    return x


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.up = nn.Linear(4, 8)
        self.down = nn.Linear(8, 4)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))


class Tower(nn.Module):
    """A residual tower of twelve layers."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(2, 4)
        self.layers = nn.ModuleList(Layer() for _ in range(12))
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(x).pow(2).mean()


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(4, 4) for _ in range(3))
        self.mix = nn.Linear(4, 4)

    def forward(self, x):
        scores = self.query(x) @ self.key(x).T / 2
        weights = torch.softmax(scores, dim=-1)
        return self.mix(weights @ self.value(x))


class Transformer(nn.Module):
    """Words to vectors, two blocks of attention and a small net each, words again."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(6, 4)
        self.attention = nn.ModuleList(Attention() for _ in range(2))
        self.mlp = nn.ModuleList(Layer() for _ in range(2))
        self.out = nn.Linear(4, 6)

    def forward(self, words):
        x = self.table(words)
        for attention, mlp in zip(self.attention, self.mlp, strict=True):
            x = x + attention(x)
            x = mlp(x)
        logits = self.out(x[:-1])
        return nn.functional.cross_entropy(logits, words[1:])
