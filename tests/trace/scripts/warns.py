import sys
import warnings

import torch

warnings.warn("careful")
x = torch.tensor(1.0, requires_grad=True)
y = x * 2
print("err", file=sys.stderr)
sys.stdout.write("direct\n")
print(y.grad)
assert x > 5, "x is small"
