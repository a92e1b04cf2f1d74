"""A worker imports Manim without IPython, and whoever asks for IPython still gets it."""

import subprocess
import sys

PROGRAM = """
import sys
import deltarender.workers.preload
assert "manim" in sys.modules and "IPython" not in sys.modules
import manim
assert not hasattr(manim, "ManimMagic")
from IPython import get_ipython
assert get_ipython() is None
import manim.utils.ipython_magic
"""

PLUGIN = """
import sys
from deltarender.workers.skipped_imports import manim_without_ipython
with manim_without_ipython():
    import IPython
assert "IPython" in sys.modules and sys.meta_path == before
"""


def test_a_worker_has_manim_without_ipython_until_something_imports_it() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_ipython_is_kept_from_the_module_manim_only() -> None:
    program = f"import sys; before = list(sys.meta_path){PLUGIN}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
