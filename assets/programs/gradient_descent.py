#: Start far from the minimum.
import torch

x = torch.tensor(0.0, requires_grad=True)
lr = 0.1
print("i x      loss   slope")

for i in range(10):
    #: Forward, then backward. The slope is {x.grad}.
    loss = (x - 3) ** 2
    loss.backward()
    print(i, f"{x:.4f} {loss:.4f} {x.grad:.4f}")
    #: Then a step against it.
    with torch.no_grad():
        x -= lr * x.grad
    x.grad = None
#: After ten steps, x has come close to 3.
print(i + 1, f"{x:.4f}")
