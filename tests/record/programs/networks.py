"""Modules: a two-layer perceptron, a residual block, a small convolution, an embedding."""

import torch
from torch import nn


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 3)
        self.fc2 = nn.Linear(3, 1)

    def forward(self, x):
        hidden = torch.tanh(self.fc1(x))
        return self.fc2(hidden)

    def loss(self, x):
        out = self(x)
        return (out**2).mean()


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(3)
        self.inner = nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 3))

    def forward(self, x):
        return x + self.inner(self.norm(x))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x.pow(2).sum()


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.head = nn.Linear(8, 3)

    def forward(self, image):
        features = torch.relu(self.conv(image))
        pooled = nn.functional.max_pool2d(features, 2)
        logits = self.head(pooled.flatten(1))
        return nn.functional.cross_entropy(logits, torch.tensor([1]))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(5, 3)
        self.out = nn.Linear(3, 5)

    def forward(self, ids):
        vectors = self.table(ids)
        logits = self.out(vectors[:-1])
        return nn.functional.cross_entropy(logits, ids[1:])
