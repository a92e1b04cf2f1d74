"""What is drawn anew in each frame, and how Manim is led to it."""
