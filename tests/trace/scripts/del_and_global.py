import torch

count = 0


def bump(by=1):
    global count
    count += by
    return count


bump()
bump(by=4)
x = torch.tensor(2.0, requires_grad=True)
old = x
x = x * 2
old.grad = torch.tensor(7.0)
del old
for i in range(2):
    for j in range(2):
        bump()
ended = True
x = torch.tensor([1.0, 2.0])
x[0] = 9.0
x.requires_grad_()
with torch.no_grad():
    x[1] = 4
y = [x.sum(), {"k": x}]
y[0].backward()
z = y[0] + 1
if count > 5:
    w = 1
else:
    w = 2
a = 1
b = 2
