#: Ten steps down the parabola (x − 3)², starting at 0.
import torch

x = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
lr = 0.1

print("step       x    loss   slope")
#: Forward, backward, a step against the slope. Then the gradient is emptied.
for step in range(10):
    loss = (x - 3) ** 2
    loss.backward()
    print(f"{step} {x:9.4f} {loss:7.4f} {x.grad:7.4f}")
    with torch.no_grad():
        x -= lr * x.grad
    x.grad = None

#: Ten steps reach {x}; each removed a fifth of the distance to 3.
print(f"after ten steps: {x:.4f}")
