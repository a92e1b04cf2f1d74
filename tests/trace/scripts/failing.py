import torch


def halve(t):
    return t / 2


w = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    (w * 2).backward()
except RuntimeError as error:
    print("refused:", type(error).__name__)
v = halve(w)
print("before the fault")
v.backward()
print("never printed")
