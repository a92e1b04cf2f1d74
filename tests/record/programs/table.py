"""Over a hundred programs as lecturers write them, with their inputs; the file imports torch alone.

`PROGRAMS` maps a name to a program and its inputs. A program is a formula (text), a function, or a
module class with a method `loss`, which gets its inputs as data.
"""

import torch
from torch import nn
from torch.autograd import Function
from torch.nn import functional as F

PROGRAMS = {}
VECTOR, OTHER = [0.5, -1.0, 2.0], [1.0, 0.25, -0.5]
MATRIX, SQUARE = [[0.1, 0.2, 0.3], [-0.4, 0.5, -0.6]], [[2.0, 0.5], [0.3, 1.5]]


def program(**inputs):
    """Add the decorated program to the table."""

    def add(kind):
        PROGRAMS[kind.__name__] = (kind, inputs)
        return kind

    return add


for formula in (
    "x*y + x**2", "x/y - y/x", "sin(x)*cos(y)", "exp(-x**2)", "log(x + y**2)", "sqrt(x) + x**-2",
    "tanh(x*y) + x", "(x - 1)**2 + 100*(y - x**2)**2", "x*x*x", "1/(1 + exp(-x*y))", "abs(x - y)",
    "x**y", "-x*-y", "x + x + x + x", "sin(sin(sin(x)))",
):  # fmt: skip
    names = ("x", "y") if "y" in formula else ("x",)
    PROGRAMS[formula] = (formula, {n: v for n, v in (("x", 0.7), ("y", 1.3)) if n in names})


# -- .grad that was there before ---------------------------------------------------------------


@program(w=0.5)
def mini_batches(w):
    for x, t in ((1.0, 2.0), (3.0, 1.0)):
        loss = (w * x - t) ** 2
        loss.backward()


@program(w=0.5)
def mini_batches_zeroed(w):
    for x, t in ((1.0, 2.0), (3.0, 1.0)):
        w.grad = None
        loss = (w * x - t) ** 2
        loss.backward()


@program(x=3.0)
def preset(x):
    x.grad = torch.tensor(10.0, dtype=x.dtype)
    return x**2


@program(x=0.5, y=0.7)
def twice(x, y):
    out = (x * y).tanh()
    out.backward(retain_graph=True)
    out.backward()


@program(x=0.5)
def three_times(x):
    for k in range(3):
        (x ** (k + 2)).backward()


@program(x=VECTOR)
def vector_twice(x):
    (x**2).sum().backward()
    (x**3).sum().backward()


@program(w=1.0)
def sgd_without_zero_grad(w):
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(2):
        loss = (w - 3) ** 2
        loss.backward()
        optimizer.step()


@program(w=1.0)
def adam(w):
    optimizer = torch.optim.Adam([w], lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        ((w - 3) ** 2).backward()
        optimizer.step()


# -- seeds, roots, inputs ----------------------------------------------------------------------


@program(x=2.0)
def seed_of_two(x):
    (x**3).backward(gradient=torch.tensor(2.0, dtype=x.dtype))


@program(x=2.0)
def two_roots(x):
    a = x**2
    torch.autograd.backward([a, a**2])


@program(x=VECTOR)
def vector_seed(x):
    (x**2).backward(torch.tensor([1.0, 0.0, -1.0], dtype=x.dtype))


@program(x=2.0, y=3.0)
def chosen_inputs(x, y):
    (x * y**2).backward(inputs=[y])


@program(x=2.0)
def chosen_result(x):
    h = 3 * x
    (h**2).backward(inputs=[h])


@program(x=2.0)
def retained(x):
    h = 3 * x
    h.retain_grad()
    return h**2 + h


@program(x=1.5)
def second_derivative(x):
    (slope,) = torch.autograd.grad(x**4, x, create_graph=True)
    return slope


@program(x=[0.3, 0.4], w=1.5)
def gradient_penalty(x, w):
    out = (w * x).tanh().sum()
    (slope,) = torch.autograd.grad(out, x, create_graph=True)
    return ((slope.norm() - 1) ** 2) + out


@program(a=0.9)
def physics_loss(a):
    t = torch.linspace(0, 1, 4, dtype=a.dtype).requires_grad_()
    u = torch.exp(-a * t)
    (du,) = torch.autograd.grad(u.sum(), t, create_graph=True)
    return ((du + u * 0.5) ** 2).mean()


# -- hooks and custom Functions ----------------------------------------------------------------


@program(x=2.0, y=3.0)
def clamping_hooks(x, y):
    h = 3 * x
    h.register_hook(lambda gradient: gradient * 10)
    x.register_hook(lambda gradient: gradient.clamp(max=5))
    return h**2 + x * y


@program(x=2.0, y=0.5)
def reversal_hook(x, y):
    h = x * y
    h.register_hook(torch.neg)
    return h**2


@program(x=2.0, y=0.5)
def hook_above_a_result(x, y):
    u = x * y
    h = u * u
    h.register_hook(lambda gradient: gradient * 10)
    return h + u


@program(x=2.0)
def looking_hook(x):
    seen = []
    x.register_hook(seen.append)
    return x**3


@program(x=VECTOR)
def two_hooks_on_a_vector(x):
    x.register_hook(lambda gradient: 2 * gradient)
    x.register_hook(lambda gradient: gradient + 1)
    return (x * x).sum()


@program(x=2.0)
def hook_after_accumulation(x):
    def triple(tensor):
        tensor.grad *= 3

    x.register_post_accumulate_grad_hook(triple)
    x.grad = torch.tensor(1.0, dtype=x.dtype)
    return x**2


@program(x=2.0)
def dropped_after_accumulation(x):
    x.register_post_accumulate_grad_hook(lambda tensor: setattr(tensor, "grad", None))
    return x**2


class StraightThrough(Function):
    @staticmethod
    def forward(ctx, x):
        return (x > 0).to(x.dtype)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Reverse(Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


class WithMask(Function):
    @staticmethod
    def forward(ctx, x):
        mask = (x > 0).to(x.dtype)
        ctx.mark_non_differentiable(mask)
        return x * 2, mask

    @staticmethod
    def backward(ctx, gradient, _):
        return gradient * 2


@program(x=0.3, w=2.0)
def straight_through(x, w):
    bit = StraightThrough.apply(w * x)
    return (bit - 0.25) ** 2


@program(x=2.0, y=3.0)
def gradient_reversal(x, y):
    h = x * y
    return Reverse.apply(h) ** 2 + h


@program(x=VECTOR)
def function_with_mask(x):
    doubled, mask = WithMask.apply(x)
    return (doubled * mask).sum()


# -- tensors -----------------------------------------------------------------------------------


@program(x=VECTOR, y=OTHER)
def dot(x, y):
    return x @ y


@program(x=VECTOR, m=MATRIX)
def matrix_vector(x, m):
    return (m @ x).pow(2).sum()


@program(x=MATRIX, b=VECTOR)
def broadcast_row(x, b):
    return ((x + b) ** 2).mean()


@program(x=MATRIX, s=0.5)
def broadcast_scalar(x, s):
    return (x * s).sin().sum()


@program(x=MATRIX)
def softmax_entropy(x):
    p = x.softmax(-1)
    return -(p * p.log()).sum()


@program(x=MATRIX)
def layer_norm(x):
    return (F.layer_norm(x, (3,)) ** 3).sum()


@program(x=SQUARE)
def log_determinant(x):
    return torch.logdet(x @ x.T)


@program(x=SQUARE)
def inverse(x):
    return torch.linalg.inv(x).sum()


@program(x=VECTOR)
def indexing(x):
    return x[0] * x[2] + x[1:].sum()


@program(x=VECTOR)
def in_place(x):
    y = x * 2
    y[1] = y[0] * 3
    y.mul_(2)
    return y.sum()


@program(x=VECTOR, y=OTHER)
def stack_and_split(x, y):
    left, right = torch.stack([x, y]).unbind(0)
    first, second = torch.split(left * right, [1, 2])
    return first.sum() * second.prod()


@program(x=VECTOR)
def minimum_and_maximum(x):
    largest, _ = x.max(0)
    return largest * x.min() + x.abs().sum()


@program(x=VECTOR)
def where(x):
    return torch.where(x > 0, x**2, -x).sum()


@program(x=VECTOR)
def cumulative(x):
    return x.cumsum(0).prod() + x.cumprod(0).sum()


@program(x=MATRIX)
def einsum(x):
    return torch.einsum("ij,kj->ik", x, x).trace()


@program(x=MATRIX)
def reshaped(x):
    return (x[:, :2].reshape(4, 1) * x.flatten()[:4]).sum()


@program(x=MATRIX)
def normalized(x):
    return F.cosine_similarity(x[0], x[1], dim=0) + F.normalize(x).sum()


@program(x=VECTOR)
def detached(x):
    return (x * x.detach()).sum() + x.sum()


@program(x=0.5, y=2.0)
def no_grad_branch(x, y):
    with torch.no_grad():
        scale = x * y
    return scale * y


@program(x=VECTOR, unused=1.0)
def an_unused_input(x, unused):
    return x.sum()


@program(x=0.3)
def unrolled(x):
    h = x
    for _ in range(12):
        h = torch.tanh(h * 1.1 + 0.1)
    return h


@program(y=0.5, a=0.8)
def ode(y, a):
    for _ in range(6):
        y = y + 0.1 * torch.tanh(a * y)
    return y


@program(w=[[0.1, -0.2], [0.3, 0.4]], u=VECTOR[:2])
def recurrent(w, u):
    h = torch.zeros(2, dtype=w.dtype)
    for _ in range(4):
        h = torch.tanh(w @ h + u)
    return h.sum()


@program(x=VECTOR)
def large_inside(x):
    wide = x.repeat(2000)
    return (wide**2).mean()


@program(x=VECTOR)
def checkpointed(x):
    return torch.utils.checkpoint.checkpoint(lambda t: t.sin().exp(), x, use_reentrant=False).sum()


@program(x=VECTOR)
def float32_sum(x):
    return (x.float() / 3).sum()


@program(x=0.0)
def square_root_of_zero(x):
    return x.sqrt()


@program(x=VECTOR)
def random_dropout(x):
    return (F.dropout(x, 0.5) * torch.randn(3, dtype=x.dtype)).sum()


@program(x=2.0)
def in_a_dict(x):
    return {"loss": x**2, "logits": 3 * x}


@program(w=VECTOR)
def view_changed_under_no_grad(w):
    with torch.no_grad():
        head = w[:2]
        head.mul_(2)
    return (w**2).sum()


@program(x=VECTOR)
def loss_of_one_element(x):
    return (x**2).sum(0, keepdim=True)


@program(x=2.0)
def retained_over_passes(x):
    y = x**2
    y.retain_grad()
    (y * 3).backward(retain_graph=True)
    (y * 2).backward()


@program(x=VECTOR, y=OTHER[:2])
def outer_difference(x, y):
    difference = x[:, None] - y
    return (difference**2).mean()


# -- losses and modules ------------------------------------------------------------------------


@program(x=MATRIX)
def cross_entropy(x):
    return F.cross_entropy(x, torch.tensor([0, 2]))


@program(x=VECTOR)
def binary_cross_entropy(x):
    return F.binary_cross_entropy_with_logits(x, torch.tensor([1.0, 0.0, 1.0], dtype=x.dtype))


@program(x=VECTOR)
def huber(x):
    return F.huber_loss(x, torch.zeros(3, dtype=x.dtype))


@program(x=[[1.0, 2, 3], [2, 1, 0], [0, 0, 1], [1, 1, 0]])
def ctc(x):
    length, targets = torch.tensor([4]), torch.tensor([[1, 2]])
    return F.ctc_loss(x.log_softmax(-1).unsqueeze(1), targets, length, torch.tensor([2]))


class _Net(nn.Module):
    """A module whose loss is the mean of the squares of what `layers` makes of its input."""

    layers = ()

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(*(build() for build in self.layers))

    def loss(self, x):
        return (self.net(x) ** 2).mean()


@program(x=MATRIX)
class Perceptron(_Net):
    layers = (lambda: nn.Linear(3, 4), nn.Tanh, lambda: nn.Linear(4, 1))


@program(x=VECTOR)
class OfAVector(_Net):
    layers = (lambda: nn.Linear(3, 2), nn.ReLU)


@program(x=[[[[0.1 * (i - j) for j in range(6)] for i in range(6)]]])
class Convolution(_Net):
    layers = (lambda: nn.Conv2d(1, 2, 3), lambda: nn.BatchNorm2d(2), lambda: nn.MaxPool2d(2))


@program(x=[[0.01 * k for k in range(784)]])
class Wide(_Net):
    layers = (lambda: nn.Linear(784, 10),)


@program(x=[MATRIX])
class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRU(3, 2, batch_first=True)

    def loss(self, x):
        return self.cell(x)[0].sum()


@program(x=[MATRIX])
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(3, 1, batch_first=True)

    def loss(self, x):
        return self.attention(x, x, x)[0].pow(2).sum()


@program(x=MATRIX)
class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(3, 2)

    def loss(self, x):
        return (self.encoder(x) - self.encoder(2 * x)).norm()


@program(x=MATRIX)
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.generator, self.critic = nn.Linear(3, 3), nn.Linear(3, 1)

    def loss(self, x):
        fake = self.generator(x)
        first = self.critic(fake.detach()).mean() - self.critic(x).mean()
        first.backward()
        second = -self.critic(fake).mean()
        second.backward()


@program(x=MATRIX)
class LoopOverParameters(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 1)

    def loss(self, x):
        penalty = 0.0
        for p in self.parameters():
            penalty = penalty + (p**2).sum()
        return self.fc(x).mean() + 0.1 * penalty


# -- more of each kind --------------------------------------------------------------------------


@program(w=1.5, b=-0.5)
def micro_batches(w, b):
    for x, t in ((1.0, 2.0), (2.0, 0.0), (-1.0, 1.0)):
        loss = (w * x + b - t) ** 2 / 3
        loss.backward()


@program(w=2.0)
def halved_between(w):
    (w**3).backward()
    w.grad *= 0.5
    (w**2).backward()


@program(x=1.2, y=-0.7)
def hook_on_a_shared_value(x, y):
    h = x * y
    h.register_hook(lambda g: g / 2)
    a = h * x
    b = h + y
    return a * b


@program(x=0.8)
def tensor_hook_order(x):
    h = x * 3
    h.register_hook(lambda g: g + 1)
    h.register_hook(lambda g: g * 2)
    return h.sin()


@program(x=VECTOR)
def in_place_and_add(x):
    h = x * 2
    h.mul_(1.5)
    h += x
    h[0] = 7.0
    return (h * h).sum()


@program(x=MATRIX)
def view_then_write(x):
    y = x.clone()
    y[0].mul_(3)
    y.t()[1] += 1
    return y.pow(2).sum()


@program(x=MATRIX)
def strides(x):
    d = x.as_strided((2, 2), (1, 1))
    return (d @ d).trace() + x.unfold(1, 2, 1).sum()


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


class TwoIn(Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y, x + y

    @staticmethod
    def backward(ctx, g, h):
        x, y = ctx.saved_tensors
        return g * y + h, g * x + h


@program(x=1.1)
def custom_cube(x):
    return Cube.apply(x) + x


@program(x=1.1, y=0.4)
def two_in_two_out(x, y):
    p, s = TwoIn.apply(x, y)
    return p * s


@program(x=1.5, y=2.0)
def detach_half(x, y):
    h = x * y
    k = h.detach() * x
    return k + h


@program(x=0.4, y=1.6)
def three_roots(x, y):
    a, b = x * y, x + y
    torch.autograd.backward([a, b, a * b], [*torch.tensor([2.0, 1.0, -1.0], dtype=x.dtype)])


@program(x=VECTOR)
def rows_of_a_jacobian(x):
    y = x**2 + x.roll(1)
    y[0].backward(retain_graph=True)
    y[2].backward()


@program(x=0.9)
def retained_graph_thrice(x):
    y = (x * 2).exp()
    for _ in range(3):
        y.backward(retain_graph=True)


@program(x=0.7)
def third_derivative(x):
    y = x.sin() * x
    for _ in range(2):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y


@program(x=VECTOR)
def hessian_vector(x):
    y = (x**3).sum() + x.prod()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    return (g * torch.tensor([1.0, -1.0, 0.5], dtype=x.dtype)).sum()


@program(x=0.6, y=-0.8)
def complex_modulus(x, y):
    z = torch.complex(x, y)
    w = z * z + 1
    return w.abs() ** 2


@program(x=VECTOR)
def fourier(x):
    return torch.fft.rfft(x).abs().pow(2).sum()


@program(w=[[0.2, -0.1], [0.4, 0.3], [0.0, 0.5]])
def sparse_embedding(w):
    return (F.embedding(torch.tensor([0, 2, 2]), w, sparse=True) ** 2).sum()


@program(x=VECTOR)
def half_precision(x):
    h = (x.half() * 3).sin()
    return h.float().sum()


@program(x=VECTOR)
def bfloat(x):
    return (x.bfloat16() / 3).float().pow(2).sum()


@program(x=MATRIX)
class SharedTwice(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.act = nn.Linear(3, 3), nn.Tanh()

    def loss(self, x):
        return self.act(self.fc(self.act(self.fc(x)))).sum()


@program(x=MATRIX)
class TiedWeights(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode, self.decode = nn.Linear(3, 2, bias=False), nn.Linear(2, 3, bias=False)
        self.decode.weight = nn.Parameter(self.encode.weight.detach().t().clone())
        self.scale = nn.Parameter(torch.tensor(0.5))

    def loss(self, x):
        h = x @ self.encode.weight.T
        return ((h @ self.encode.weight * self.scale - x) ** 2).mean()


@program(h=0.1, w=0.9)
def while_loop(h, w):
    n = 0
    while h.item() < 0.8 and n < 5:
        h = h + w * (1 - h) / 2
        n += 1
    return h**2


@program(x=VECTOR, y=OTHER)
def dict_of_losses(x, y):
    error = ((x - y) ** 2).mean()
    return {"loss": error + x.abs().sum() * 0.1, "mse": error, "prediction": x}


@program(x=VECTOR, y=[0.3, 0.4])
def ragged(x, y):
    parts = [x, y, x[:1] * y]
    total = 0.0
    for p in parts:
        total = total + (p**2).sum()
    return total


@program(x=VECTOR, y=OTHER)
def ragged_padding(x, y):
    rows = nn.utils.rnn.pad_sequence([x[:3], y[:1]], batch_first=True)
    return (rows.sum(0) ** 2).sum()


@program(x=MATRIX, b=[[0.5], [-0.5]])
def broadcast_column(x, b):
    return ((x * b) + b).sum(1).prod()


@program(x=0.5, y=1.5, z=-0.5)
def many_rows(x, y, z):
    a = x * y
    b = y * z
    c = a + b
    return c * z


@program(x=VECTOR)
def no_grad_update(x):
    loss = (x**2).sum()
    loss.backward()
    with torch.no_grad():
        x -= 0.1 * x.grad
    x.grad = None
    (x**2).sum().backward()


@program(x=2.0)
def clamp_and_where(x):
    a = x.clamp(0, 1.5)
    return torch.where(x > 1, a * x, x)


@program(x=VECTOR)
def sort_and_top(x):
    top, _ = x.topk(2)
    return (top[0] - top[1]) * x.sort()[0][0]
