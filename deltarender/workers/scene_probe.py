"""The scene classes of a file that parsing cannot tell: a process of its own imports the file.

    python -m deltarender.workers.scene_probe film.py

prints their names as one JSON list, in the order in which the file makes them. What the file prints
goes to stderr.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from deltarender.errors import UsageError

LONGEST_S = 60.0


def imported_scene_classes(path: Path) -> list[str]:
    """The names of the scene classes that exist once `path` has been imported.

    Raises UsageError if the import fails or does not end.
    """
    root = str(Path(__file__).resolve().parents[2])
    search = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "deltarender.workers.scene_probe", str(path)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_S,
            env={**os.environ, "PYTHONPATH": search}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UsageError(f"its import takes more than {LONGEST_S:g} s.", where=str(path)) from None
    with contextlib.suppress(ValueError):
        names = json.loads(done.stdout)
        if isinstance(names, list):
            return [str(name) for name in names]
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    raise UsageError(f"the file cannot be imported: {last}.", where=str(path))


def main() -> None:
    """Import the file that the command line names and print its scene classes."""
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        from deltarender.engine.scene_loader import scene_classes_of_file

        json.dump(scene_classes_of_file(Path(sys.argv[1])), answer)


if __name__ == "__main__":
    main()
