"""Chapter 3, computation graphs: recorded forward, walked backward."""
