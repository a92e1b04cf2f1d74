import torch

#: This square knows its way back.
x = torch.tensor(3.0, requires_grad=True)
tracked = x**2

#: Under no_grad, nothing is recorded.
with torch.no_grad():
    untracked = x**2

#: detach cuts the link, and shares the number.
cut = tracked.detach()
same = cut.data_ptr() == tracked.data_ptr()
print("same memory:", same)

#: Only one factor has a way back.
y = tracked * cut
#: So x.grad is {x.grad}, half of the slope.
y.backward()
print(f"x.grad = {x.grad:.0f}")
