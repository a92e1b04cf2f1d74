"""The entry point of the group `manim.plugins`, which `import manim` loads at its end."""

from deltarender.plugin.hooks import install

install()
