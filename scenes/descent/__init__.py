"""Chapter 6, gradient descent: steps, learning rates, loss surfaces."""
