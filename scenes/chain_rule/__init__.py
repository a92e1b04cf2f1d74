"""Chapter 2, the chain rule: local derivatives multiply along a composition."""
