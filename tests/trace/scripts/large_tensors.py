import torch

w = torch.ones(20, 20, requires_grad=True)
#: The loss is the sum of squares.
loss = (w * w).sum()
loss.backward()
table = torch.nn.Embedding(5, 3, sparse=True)
table(torch.tensor([1, 1, 4])).sum().backward()
c = torch.tensor([3 + 4j, 0j], requires_grad=True)
c.abs().sum().backward()
unused = torch.ones(300, requires_grad=True)
