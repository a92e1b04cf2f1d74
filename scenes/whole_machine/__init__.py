"""Chapter 7, beyond: optimizers, forward and reverse mode, errors, tensors, the recap."""
