"""Running Manim scenes: configuration, patches, and drawing only what changes between frames."""
