"""Runs command lines of `manim`, each in a folder of its own and in a process forked from this one.

    python command_lines.py FOLDER < {"name": ["-ql", "film.py", "Main"], ...}

Prints the exit codes as JSON. A fork saves the import of Manim for each command line. The
configuration of the working folder holds for all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import manim
from manim.__main__ import main

FILM = Path("film.py")
CELL = """
class Main(Scene):
    def construct(self):
        self.play(FadeIn(Square()))
"""


def run_all(folder: Path, lines: dict[str, list[str]]) -> dict[str, int]:
    codes = {}
    for name, arguments in lines.items():
        (folder / name).mkdir(parents=True)
        shutil.copy(FILM, folder / name)
        child = os.fork()
        if child == 0:
            os._exit(run(folder / name, arguments))
        codes[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return codes


def run(folder: Path, arguments: list[str]) -> int:
    with Path(folder, "log").open("w") as log:
        for number in (1, 2):
            os.dup2(log.fileno(), number)
    os.chdir(folder)
    try:
        if arguments[0] == "%%manim":
            run_cell(arguments[1:])
        else:
            main(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    return 0


def run_cell(arguments: list[str]) -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from manim.utils.ipython_magic import ManimMagic

    shell = InteractiveShell.instance()
    shell.register_magics(ManimMagic(shell))
    shell.push(vars(manim))
    manim.config.verbosity = "ERROR"
    shell.run_cell_magic("manim", " ".join(arguments), CELL)


if __name__ == "__main__":
    print(json.dumps(run_all(Path(sys.argv[1]).absolute(), json.load(sys.stdin))))
