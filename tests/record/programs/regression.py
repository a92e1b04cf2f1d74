"""Linear and logistic regression, as a first course writes them."""

# ruff: noqa: RET504 - programs name their results, and names are what is recorded

import torch

POINTS = torch.tensor([[0.0, 1.0], [1.0, -1.0], [2.0, 0.5], [-1.0, 0.3]], dtype=torch.float64)
LABELS = torch.tensor([1.0, 0.0, 1.0, 0.0], dtype=torch.float64)


def line_fit(slope, intercept):
    x = POINTS[:, 0]
    error = slope * x + intercept - LABELS
    loss = (error**2).mean()
    return loss


def logistic(w, b):
    logits = POINTS @ w + b
    p = torch.sigmoid(logits)
    loss = -(LABELS * torch.log(p) + (1 - LABELS) * torch.log(1 - p)).mean()
    return loss


def softmax_regression(weights):
    scores = POINTS @ weights
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor([0, 2, 1, 0]))
    return loss


def three_epochs(w):
    """Steps by hand: two versions of w, three passes."""
    for _ in range(3):
        w.grad = None
        loss = ((POINTS @ w - LABELS) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
    return loss
