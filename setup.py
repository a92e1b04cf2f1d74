"""The one part in C; where cairo is, `pkg-config` tells."""

import runpy
import shlex
import subprocess
from glob import glob

import numpy
from setuptools import Extension, setup


def told(option: str) -> list[str]:
    """What pkg-config says of cairo."""
    return shlex.split(subprocess.check_output(["pkg-config", option, "cairo"], text=True))


digest = runpy.run_path("deltarender/native_build.py")["source_digest"]()

setup(
    ext_modules=[
        Extension(
            "deltarender._native",
            sorted(glob("deltarender/_native/**/*.c", recursive=True)),
            depends=glob("deltarender/_native/**/*.h", recursive=True),
            define_macros=[("SOURCES", f'"{digest}"')],
            include_dirs=[numpy.get_include(), "deltarender/_native"],
            # Whether two ends meet must not depend on how a machine multiplies and adds.
            extra_compile_args=[*told("--cflags"), "-O2", "-ffp-contract=off"],
            extra_link_args=told("--libs"),
        )
    ]
)
