"""What Manim imports and a worker does without, or imports only when a scene needs it.

Manim imports IPython to offer its magic in notebooks, where the kernel has loaded it already; a
worker is never a notebook. It imports SciPy for matrices of rotation, for which the engine has a
function of its own, NetworkX for graphs and Beautiful Soup for listings. Together they are half of
the time that `import manim` takes.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

SKIPPED = {"manim": "IPython"}  # module: the package that is not installed as far as it can see
DEFERRED = {
    "manim.utils.space_ops": "scipy",
    "manim.mobject.graph": "networkx",
    "manim.mobject.text.code_mobject": "bs4",
}


class _Finder(MetaPathFinder):
    """Answers the modules in SKIPPED and DEFERRED, and no other."""

    def __init__(self) -> None:
        self.stand_ins: list[str] = []

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Raise ModuleNotFoundError for what is skipped; leave the rest to other finders."""
        importer, top = _importer(), fullname.partition(".")[0]
        if SKIPPED.get(importer) == fullname:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        wanted = DEFERRED.get(importer) == top
        if not wanted or fullname == top:
            self.forget_stand_ins()
        if wanted and (fullname == top or self.stand_ins):
            self.stand_ins.append(fullname)
            return ModuleSpec(fullname, _Loader(), is_package=True)
        return None

    def forget_stand_ins(self) -> None:
        """Whoever else imports these modules gets the modules themselves."""
        for name in self.stand_ins:
            sys.modules.pop(name, None)
        self.stand_ins.clear()


class _Loader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _StandIn(ModuleType):
    """A module of which every attribute is a `_Deferred`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Deferred(self.__name__, name)


class _Deferred:
    """What `path` names in a module, which is imported when it is called or tested against."""

    def __init__(self, module: str, path: str) -> None:
        self._module, self._path = module, path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Deferred(self._module, f"{self._path}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._resolved()(*args, **kwargs)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self._resolved())

    def _resolved(self) -> Any:
        return reduce(getattr, self._path.split("."), importlib.import_module(self._module))


def _importer() -> str:
    """The name of the module whose import is under way: the nearest frame outside importlib."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("importlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


@contextmanager
def lean_manim() -> Iterator[None]:
    """While it lasts, `import manim` goes without what is named above."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        finder.forget_stand_ins()
