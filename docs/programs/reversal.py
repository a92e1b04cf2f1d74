import torch


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


def reversal(w, x):
    h = torch.tanh(w * x)
    r = Reverse.apply(h)
    loss = r**2 + h
    return loss
