"""Scenes as tests that pytest collects by itself: golden values and layout, in one run each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deltarender.scene_files import scene_classes
from gradreel.catalog import SCENE_BASES
from gradreel.errors import GradreelError
from gradreel.project import Project, read_project
from gradreel.testing.golden_assertions import assert_golden
from gradreel.testing.played_scene import scene_values


class SceneFile(pytest.File):
    """A file of scenes."""

    def collect(self) -> Iterator[SceneItem]:
        """One item per scene of the file."""
        for name in scene_classes(self.path, SCENE_BASES):
            yield SceneItem.from_parent(self, name=name)


class EmptyModule(pytest.Module):
    """A scene file as a module without tests, which is not imported."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """No tests."""
        return []


class SceneItem(pytest.Item):
    """One scene: it fails if its numbers have changed or its layout has a fault."""

    def runtest(self) -> None:
        """Play the scene once and check both."""
        values = scene_values(f"{self.path}:{self.name}")
        project = read_project(self.config.rootpath) or Project(self.config.rootpath)
        assert_golden(values, folder=project.root / project.golden, tolerances=project.tolerances)
        if values.faults:
            raise AssertionError("\n".join([f"{values.stem}: faults of layout", *values.faults]))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The message alone where it says all: the traceback would be that of this package."""
        if isinstance(excinfo.value, (AssertionError, GradreelError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """The file, and the scene's name as title."""
        return self.path, None, f"scene {self.name}"
