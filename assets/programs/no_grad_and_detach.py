#: Three ways to compute x², of which only the first can be differentiated.
import torch

x = torch.tensor(3.0, requires_grad=True)

#: Tracked: the result has a grad_fn.
tracked = x**2

#: Under no_grad nothing is recorded. The value is the same.
with torch.no_grad():
    untracked = x**2

#: detach gives the same number without its history.
cut = tracked.detach()
same = cut.data_ptr() == tracked.data_ptr()

print("tracked  ", tracked.requires_grad)
print("untracked", untracked.requires_grad)
print("detached ", cut.requires_grad)
print("same memory:", same)

#: In x² times a detached x², only the first factor passes a gradient on.
y = x**2 * cut
y.backward()
#: One factor alone makes x.grad {x.grad}. Without the cut it would be twice that.
print(f"x.grad = {x.grad:.0f}")
