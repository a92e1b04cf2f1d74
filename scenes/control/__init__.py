"""Chapter 5, traps and control: accumulation, the training loop, no_grad and detach."""
