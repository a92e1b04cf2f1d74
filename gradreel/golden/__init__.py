"""Golden files: the numbers of every scene, for tests of scenes without rendering.

`find_differences` compares a scene with its file; `write_golden_file` replaces the file.
"""

from gradreel.golden.difference_text import as_text
from gradreel.golden.differences import Difference, Tolerance, compare
from gradreel.golden.golden_file import (
    check_golden_path,
    extract_values,
    find_differences,
    read_golden_file,
    write_golden_file,
)

__all__ = [
    "Difference",
    "Tolerance",
    "as_text",
    "check_golden_path",
    "compare",
    "extract_values",
    "find_differences",
    "read_golden_file",
    "write_golden_file",
]
