"""Builds the C extension deltarender._native, which needs the headers of cairo and NumPy."""

import runpy
import shlex
import subprocess
from glob import glob

import numpy
from setuptools import Extension, setup


def cairo_flags(option: str) -> list[str]:
    """The compiler or linker flags for cairo, as pkg-config knows them."""
    return shlex.split(subprocess.check_output(["pkg-config", option, "cairo"], text=True))


digest = runpy.run_path("deltarender/native_build.py")["source_digest"]()

setup(
    ext_modules=[
        Extension(
            "deltarender._native",
            sorted(glob("deltarender/_native/**/*.c", recursive=True)),
            depends=glob("deltarender/_native/**/*.h", recursive=True),
            define_macros=[("SOURCE_DIGEST", f'"{digest}"')],
            include_dirs=[numpy.get_include()],
            # Fused multiply-add would make comparisons of points depend on the processor.
            extra_compile_args=[
                *cairo_flags("--cflags"), "-O2", "-Wall", "-Wextra", "-ffp-contract=off",
            ],
            extra_link_args=cairo_flags("--libs"),
        )
    ]
)  # fmt: skip
