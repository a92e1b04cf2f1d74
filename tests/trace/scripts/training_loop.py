import torch
from torch import nn

torch.manual_seed(3)
inputs = torch.randn(16, 2)
targets = inputs @ torch.tensor([[2.0], [-1.0]]) + 0.5

model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss_function = nn.MSELoss()

for epoch in range(12):
    optimizer.zero_grad()
    prediction = model(inputs)
    loss = loss_function(prediction, targets)
    loss.backward()
    optimizer.step()
    if epoch % 4 == 0:
        print(f"epoch {epoch}: {loss.item():.4f}")

print("weights:", model.weight.data)
