"""Digests of Python sources by what they do: comments, blank lines and layout do not count.

Of a scene's file, classes and functions that the scene cannot reach do not count either. Standard
library only.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator

# Code that may look at lines or sources: then every character counts.
_LINE_NAMES = re.compile(
    rb"\b(\w*lineno|co_lines|co_positions|_getframe|currentframe|getframeinfo|settrace|setprofile"
    rb"|inspect|traceback|linecache|tokenize|getsource\w*|warn)\b"
)
# Code that may reach any class of its module, by other means than its name.
_REACHES_ALL = frozenset(
    {
        "globals", "locals", "vars", "dir", "eval", "exec", "__import__", "import_module",
        "__subclasses__", "__init_subclass__", "__set_name__", "metaclass", "modules",
        "getmembers", "__dict__", "__getattr__", "pickle",
    }
)  # fmt: skip
_PLACE_NAMES = re.compile(rb"\b(__file__|__path__|getcwd|cwd|absolute|resolve|abspath)\b")
_PLAIN_DECORATORS = frozenset({"property", "staticmethod", "classmethod", "override"})
_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def mentions_lines(raw: bytes) -> bool:
    """Whether a source mentions something by which line numbers or sources are looked at."""
    return _LINE_NAMES.search(raw) is not None


def mentions_place(raw: bytes) -> bool:
    """Whether a source mentions something by which it may know where it is."""
    return _PLACE_NAMES.search(raw) is not None


def describe(raw: bytes, scene: str = "") -> str:
    """The digest as manifests hold it: `scene: digest`."""
    return f"{scene}: {digest(raw, scene)}"


def has_changed(description: str, raw: bytes) -> bool:
    """Whether a source does something else than the one that was described."""
    scene, _, before = description.rpartition(": ")
    return not before or digest(raw, scene) != before


def digest(raw: bytes, scene: str = "") -> str:
    """A digest of a source, or of what the class `scene` can reach of it; "" if it has errors."""
    try:
        tree = ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    nodes = _reachable(tree.body, scene) if scene else tree.body
    total = hashlib.sha256()
    for node in nodes:
        total.update(ast.dump(node).encode("utf-8", "surrogatepass") + b"\n")
    return total.hexdigest()


def _reachable(body: list[ast.stmt], scene: str) -> list[ast.stmt]:
    """The statements that run on import, `scene`, and the definitions whose names they mention."""
    unused: set[ast.stmt] = {
        node
        for node in body
        if isinstance(node, _Definition) and node.name != scene and _only_defines(node)
    }
    if _REACHES_ALL & set(_names(body)):
        return body
    mentioned = set(_names(node for node in body if node not in unused))
    while found := {node for node in unused if getattr(node, "name", "") in mentioned}:
        unused -= found
        mentioned |= set(_names(found))
    return [node for node in body if node not in unused]


def _only_defines(node: ast.stmt) -> bool:
    """Whether a statement of a class or module does nothing when it runs but to define a name."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        plain = all(isinstance(d, ast.Name) and d.id in _PLAIN_DECORATORS
                    for d in node.decorator_list)  # fmt: skip
        return plain and all(map(_is_plain, defaults))
    if isinstance(node, ast.ClassDef):
        simple = not node.decorator_list and not node.keywords and all(map(_is_plain, node.bases))
        return simple and all(map(_only_defines, node.body))
    if isinstance(node, (ast.Assign, ast.Expr)):
        return _is_plain(node.value)
    return isinstance(node, ast.Pass)


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is a constant, a name, or a collection or sign of such."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(map(_is_plain, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    if isinstance(node, ast.Attribute):
        return _is_plain(node.value)
    return isinstance(node, (ast.Constant, ast.Name))


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """All names, attributes, keywords, and words of texts in syntax trees."""
    for child in (child for node in nodes for child in ast.walk(node)):
        match child:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield from name.split(".")
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if name.startswith("__"):
                    yield name
            case ast.Constant(value=str(text)):
                yield from re.findall(r"\w+", text)
