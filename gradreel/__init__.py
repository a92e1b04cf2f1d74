"""gradreel: lecture videos of PyTorch autograd in which every number was computed by autograd."""

__version__ = "0.2.0"
