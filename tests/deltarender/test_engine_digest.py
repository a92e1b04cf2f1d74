"""The cache key follows every source file of the renderer and every library, without a list."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import deltarender
from deltarender import cache_key
from deltarender.batch import BatchOptions, render

PACKAGE = Path(deltarender.__file__).parent
# Changes each source file in turn, in a copy of the package, and prints those that go unnoticed.
CHANGE_EACH = """
import json, sys
from pathlib import Path
from deltarender import cache_key
package = Path(sys.argv[1])
assert Path(cache_key.__file__).is_relative_to(package), "the copy is not in use"
def digest():
    cache_key.engine_digest.cache_clear()
    return cache_key.engine_digest()
before, unnoticed, changed = digest(), [], []
for folder, suffixes in (("engine", ".py"), ("encoding", ".py"), ("_native", ".c .h")):
    for path in sorted((package / folder).rglob("*")):
        if path.suffix not in suffixes.split():
            continue
        changed.append(path.relative_to(package).as_posix())
        source = path.read_bytes()
        path.write_bytes(source + b"\\n")
        if digest() == before:
            unnoticed.append(changed[-1])
        path.write_bytes(source)
        assert digest() == before
extra = package / "encoding" / "new_codec.py"
extra.write_text("")
if digest() == before:
    unnoticed.append("a new file")
print(json.dumps({"changed": changed, "unnoticed": unnoticed}))
"""


def test_a_change_of_any_source_file_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "deltarender"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    done = subprocess.run(
        [sys.executable, "-c", CHANGE_EACH, str(copy)], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["unnoticed"] == []
    assert {"encoding/unpremultiply.py", "engine/scene_runner.py"} <= set(answer["changed"])
    assert sum(name.endswith((".c", ".h")) for name in answer["changed"]) > 5


FILM = """
import grandalf
class Main(Scene):
    def construct(self):
        self.wait(0.2)
"""


@pytest.mark.slow
def test_a_change_of_a_loaded_library_is_noticed(job_of, monkeypatch) -> None:
    job = job_of(FILM)
    assert render([job], BatchOptions(jobs=1)).exit_code == 0
    assert cache_key.stale_reasons(job, cache_key.FileHasher()) == []
    versions = json.loads(job.manifest.read_text())["fingerprint"]["versions"]
    # What drawing and encoding use, a library that only the scene imports, none that it does not.
    assert {"manim", "numpy", "pycairo", "av", "pillow", "grandalf"} <= versions.keys()
    assert not {"torch", "pytest", "dask", "gradreel"} & versions.keys()
    installed = cache_key.installed_version
    for name in ("numpy", "grandalf"):
        monkeypatch.setattr(
            cache_key, "installed_version", lambda n, name=name: "9" if n == name else installed(n)
        )
        (reason,) = cache_key.stale_reasons(job, cache_key.FileHasher())
        assert reason == f"{name} {versions[name]} -> 9"
    monkeypatch.setattr(
        cache_key, "installed_version", lambda n: "9" if n == "torch" else installed(n)
    )
    assert cache_key.stale_reasons(job, cache_key.FileHasher()) == []
