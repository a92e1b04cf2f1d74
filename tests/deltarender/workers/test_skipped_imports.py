"""A worker imports Manim without what few scenes need, and whoever asks for that still gets it."""

import subprocess
import sys

import pytest

WITHOUT_IPYTHON = """
import sys
import deltarender.workers.preload
assert "manim" in sys.modules and "IPython" not in sys.modules
import manim
assert not hasattr(manim, "ManimMagic")
from IPython import get_ipython
assert get_ipython() is None
import manim.utils.ipython_magic
"""

FOR_MANIM_ONLY = """
import sys
before = list(sys.meta_path)
from deltarender.workers.skipped_imports import lean_manim
with lean_manim():
    import IPython
    from scipy.spatial.transform import Rotation
    import networkx
assert "IPython" in sys.modules and sys.meta_path == before
assert isinstance(Rotation, type) and isinstance(networkx.Graph, type)
"""

# A plugin of Manim is imported while Manim is.
FOR_PLUGINS_TOO = """
import sys, types
from deltarender.workers.skipped_imports import DEFERRED, lean_manim
class Plugin:
    def find_spec(self, name, path=None, target=None):
        if name == "manim.plugins":
            import networkx
            assert isinstance(networkx.Graph, type)
            from scipy.spatial.transform import Rotation
            assert isinstance(Rotation, type)
with lean_manim():
    sys.meta_path.insert(1, Plugin())
    import manim
assert manim.Graph([1, 2], [(1, 2)]).vertices
"""

DEFERRED = """
import sys
import deltarender.workers.preload
import numpy as np
from manim import Code, Graph, Text
from manim.utils.space_ops import rotation_matrix
def loaded():
    return {"scipy", "networkx", "bs4"} & set(sys.modules)
assert not loaded()
assert np.isclose(rotation_matrix(0.5, np.array([0, 0, 1.0]))[0, 0], np.cos(0.5))
assert loaded() == {"scipy"}
for layout in ("circular", "kamada_kawai", "partite", "planar", "shell", "spring", "tree"):
    options = {"root_vertex": 1} if layout == "tree" else {}
    options |= {"partitions": [[1, 2]]} if layout == "partite" else {}
    assert len(Graph([1, 2, 3], [(1, 2), (2, 3)], layout=layout, **options).vertices) == 3
assert "networkx" in loaded()
assert len(Code(code_string="x = 1", language="python").code_lines) == 1
import networkx, scipy.spatial, bs4
assert Graph.from_networkx(networkx.path_graph(3)).vertices
assert isinstance(bs4.Tag, type)
"""


@pytest.mark.parametrize("program", [WITHOUT_IPYTHON, FOR_MANIM_ONLY, FOR_PLUGINS_TOO, DEFERRED])
def test_what_manim_imports_in_a_worker(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
