"""An RNN unrolled by hand, and attention with one head."""

import torch


def rnn(w, u, b):
    h = [torch.zeros(2, dtype=torch.float64)]
    for x in ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0]):
        h.append(torch.tanh(w @ h[-1] + u @ torch.tensor(x, dtype=torch.float64) + b))
    return h[-1].sum()


def attention(q, k, v):
    scores = q @ k.T / q.shape[-1] ** 0.5
    future = torch.ones_like(scores).triu(1).bool()
    weights = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
    mixed = weights @ v
    return (mixed**2).sum()


def two_heads(x, w):
    halves = (x @ w).split(2, dim=1)
    heads = [torch.softmax(half @ half.T, dim=-1) @ half for half in halves]
    joined = torch.cat(heads, dim=1)
    return joined.pow(2).mean()
