import torch

x = torch.tensor(float(input("x? ")), requires_grad=True)  #: answer: 4
y = x**2
y.backward()
print(x.grad)
