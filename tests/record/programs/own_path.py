"""Programs whose operations a recorder could change, or name wrongly."""

import warnings
from types import SimpleNamespace

import torch
from torch import nn


def reshaped(x):
    return x[:, :2].reshape(2, 2, 1).sum()


def ctc(x):
    targets, lengths = torch.tensor([[1, 2]]), torch.tensor([2])
    log_probs = x.log_softmax(-1).unsqueeze(1)
    return nn.functional.ctc_loss(log_probs, targets, torch.tensor([4]), lengths)


@torch.compile
def compiled(x):
    y = x.sin()
    return y * y


class CompiledInside(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.compile(nn.Linear(2, 1))

    def loss(self, x):
        return self.net(x).sum()


def operators(x, w):
    half = x // 2
    same = x == 0
    rest = x % 2
    both = same & (x < 1)
    x = x * 1
    x //= 2
    return (w * (x * both + half + rest)).sum()


def shadowed_mean(x):
    y = x.mean() + x.sum()
    mean = y * 2
    return mean


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)

    def loss(self, x):
        total = 0.0
        for p in self.fc.parameters():
            total = total + (p**2).sum()
        return self.fc(x).sum() + total


net = Net().double()


def without_arguments():
    model = net
    x = torch.ones(1, 2, dtype=torch.float64)
    return model.fc(x).sum()


def random_numbers(x):
    noise = torch.randn(3, dtype=x.dtype)
    return nn.functional.dropout(x * noise, 0.5).sum()


def in_a_dict(x):
    loss = x**2
    return {"logits": x * 2, "loss": loss}


def in_an_object(x):
    return SimpleNamespace(loss=x**2, logits=x * 2)


def in_a_tuple(x):
    return [1, 2], x**2, x.detach() * 2


def normalized_inside(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = nn.utils.spectral_norm(nn.Linear(2, 1, dtype=x.dtype))
    return layer(x).sum()
