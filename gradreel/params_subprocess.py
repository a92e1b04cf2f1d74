"""The parameters of a user's scene, asked from a process of its own.

The body of a class `Params` is code, and a user's code may print, fail or never end. So it is not
run in the process of a command: `python -m gradreel.params_subprocess` runs it, with its output
sent to stderr, and answers with one JSON document.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deltarender.scene_files import class_definitions, parse_file
from gradreel.errors import GradreelError, UsageError

LONGEST = 20.0  # seconds that a class body may take


def describe_params(file: Path, cls: str) -> list[dict[str, Any]]:
    """The rows of `SceneParams.describe` for a scene of a file. Raises UsageError."""
    rows: list[dict[str, Any]] = _ask(file, cls, None)
    return rows


def check_params(file: Path, cls: str, raw: Mapping[str, str]) -> None:
    """Raise UsageError for parameters that a scene of a file does not have, or wrong values."""
    _ask(file, cls, raw)


def _ask(file: Path, cls: str, raw: Mapping[str, str] | None) -> Any:
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "gradreel.params_subprocess", str(file), cls],
            input=json.dumps(raw), stdout=subprocess.PIPE, text=True, timeout=LONGEST,
            env={**os.environ, "PYTHONPATH": path}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"the class body of Params takes more than {LONGEST:g} s.", where=f"{file}:{cls}"
        ) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise UsageError(
            f"the class body of Params ended its process (exit code {done.returncode}).",
            where=f"{file}:{cls}",
        ) from None
    if error := answer.get("error"):
        raise UsageError(error["what"], where=error["where"], hint=error["hint"],
                         valid=error["valid"])  # fmt: skip
    return answer["rows"]


def find_params(scene: ast.ClassDef) -> ast.ClassDef | None:
    """The definition of the class `Params` within a scene's class, or None."""
    inner = (node for node in scene.body if isinstance(node, ast.ClassDef))
    return next((node for node in inner if node.name == "Params"), None)


def build_params(file: Path, cls: str) -> Any:
    """The class `Params` of a scene's class, made by running its body in this process.

    Raises UsageError for a name that the body may not use, and what the body raises.
    """
    from gradreel import params

    tree = parse_file(file)
    scenes = (node for node in class_definitions(tree.body) if node.name == cls)
    node = next(filter(None, map(find_params, scenes)), None)
    if node is None:
        raise UsageError(f"{cls} takes no parameters.", where=str(file))

    names = {name: getattr(params, name) for name in params.__all__}
    names |= {new: getattr(params, name) for name, new in _renamed(tree).items()}
    module = ast.Module(body=[node], type_ignores=[])
    try:
        # dont_inherit: without postponed annotations, since there is no module to resolve them in.
        exec(compile(module, str(file), "exec", dont_inherit=True), names)
    except NameError as error:
        raise UsageError(
            f"Params uses {error.name!r}.",
            where=f"{file}, line {node.lineno}",
            hint="The class body may use only what gradreel.params exports.",
            valid=params.__all__,
        ) from None
    return names["Params"]


def _renamed(tree: ast.Module) -> dict[str, str]:
    """The names that the file imports from gradreel.params with `as`: original to alias."""
    return {
        alias.name: alias.asname
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "gradreel.params"
        for alias in node.names
        if alias.asname
    }


def _answer(file: Path, cls: str, raw: Mapping[str, str] | None) -> dict[str, Any]:
    try:
        params = build_params(file, cls)
        if raw is not None:
            params.from_text(raw)
            return {"rows": []}
        return {"rows": params.describe()}
    except GradreelError as error:
        return {"error": {"what": error.what, "where": error.where, "hint": error.hint,
                          "valid": error.valid}}  # fmt: skip
    except BaseException as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__)
                 if f.filename == str(file)]  # fmt: skip
        line = f", line {lines[-1]}" if lines else ""
        what = f"Params fails: {type(error).__name__}: {error}".rstrip(": ")
        return {"error": {"what": f"{what}.", "where": f"{file}{line}", "hint": "", "valid": []}}


def main() -> None:
    """Read the texts of the parameters from stdin, or null, and print the answer."""
    file, cls = Path(sys.argv[1]), sys.argv[2]
    raw = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):
        answer = _answer(file, cls, raw)
    print(json.dumps(answer, default=repr))
    sys.stdout.flush()
    os._exit(0)  # threads and exit handlers of the user's code must not keep the command waiting


if __name__ == "__main__":
    main()
