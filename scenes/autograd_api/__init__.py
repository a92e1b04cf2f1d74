"""Chapter 4, the autograd API: what tensors know, requires_grad, backward and .grad."""
