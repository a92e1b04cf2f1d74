import torch

t = torch.tensor([1.0, 2.0], requires_grad=True)
s = 1
k = 0
while True:
    k += 1
    if k == 2:
        continue
    if k > 3:
        break
else:
    k = -1
match k:
    case 4:
        word = "four"
    case _:
        word = "other"
try:
    1 / 0
except ZeroDivisionError as e:
    caught = str(e)
finally:
    done = True
del s
f = lambda q: q + 1
z = f(1)
a, (b, *rest) = 1, (2, 3, 4)
global_thing = {"w": t, "n": 3}
flag = True if z > 1 else False
big = torch.zeros(100, 100)
nan = float("nan")
inf = torch.tensor(float("inf"))
integers = torch.arange(4)
mask = integers > 1
cplx = torch.tensor(1 + 2j)
s = "text"
