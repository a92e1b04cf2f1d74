import torch

#: Start on the slope.
x = torch.tensor(0.0, requires_grad=True)
lr = 0.1

print("i x      loss   slope")
#: Forward, backward, a step, an empty gradient. Nine more rounds do the same, in ever shorter steps.
for i in range(10):
    loss = (x - 3) ** 2
    loss.backward()
    print(i, f"{x:.4f} {loss:.4f} {x.grad:.4f}")
    with torch.no_grad():
        x -= lr * x.grad
    x.grad = None

#: Ten steps, and x is {x}.
print(f"after ten steps: {x:.4f}")
