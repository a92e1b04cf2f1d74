"""Drawings of programs made of modules: cards in rows, with arrows between and beside the rows."""

from gradreel.draw.modules.module_map import ModuleMap, module_map

__all__ = ["ModuleMap", "module_map"]
