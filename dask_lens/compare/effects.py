"""What a cell would do outside itself if it ran again and again."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator, Mapping
from queue import Queue

from dask_lens.source.cell import parse
from dask_lens.source.free import from_around
from dask_lens.source.words import words

_WRITERS = words(
    "copy2 copyfile copytree dump imsave imwrite mkdir makedirs publish_dataset remove rename "
    "restart rmdir rmtree save savefig savetxt savez savez_compressed shutdown store symlink_to "
    "to_bigquery to_csv to_delta to_excel to_feather to_hdf to_hdf5 to_json to_netcdf "
    "to_npy_stack to_orc to_parquet to_pickle to_sql to_textfiles to_tiledb to_zarr touch unlink "
    "unpublish_dataset write write_bytes write_parquet write_table write_text writelines writerow "
    "writerows"
)
_MUTATORS = words(
    "add append appendleft clear extend insert pop popleft push put remove setdefault update"
)
#: Writers that give a string or an object where they are given no file.
_WITHOUT_A_FILE = words("to_csv to_json")
#: What the methods above change in place; elsewhere ``add`` and ``update`` mean other things.
_CONTAINERS = (list, dict, set, deque, bytearray, Queue)
#: Modules of programs that are run.
_COMMANDS = re.compile(r"(os\.(system|popen)|subprocess\.\w+)$")
#: Lines of IPython that run a command: ``!ls``, ``files = !ls``.
_SHELL = re.compile(r"\s*(\w[\w, ]*=\s*)?!")


def effects(source: str, namespace: Mapping[str, object] | None = None) -> tuple[str, ...]:
    """Name what a cell changes outside itself, as far as its text shows.

    Parameters
    ----------
    source
        The cell as the user wrote it.
    namespace
        The names it would run with; None where they are not known.

    Returns
    -------
    tuple of str
        One phrase each, with its line, such as ``"line 3 writes (to_parquet)"``.
    """
    cell = parse(source)
    found: dict[str, int] = {}
    outer = _Outer(cell.tree, namespace)
    for node, what in _of_tree(cell.tree, outer):
        line = getattr(node, "lineno", 1)
        found.setdefault(f"line {line} {what}", line)
    for number, line in enumerate(cell.lines, start=1):
        if _SHELL.match(line):
            found.setdefault(f"line {number} runs a command", number)
    return tuple(sorted(found, key=found.__getitem__))


class _Outer:
    """Tells what a cell did not make itself."""

    def __init__(self, tree: ast.Module, namespace: Mapping[str, object] | None) -> None:
        self.namespace = namespace
        self.names = from_around(tree)
        extended = {n.target for n in ast.walk(tree) if isinstance(n, ast.AugAssign)}
        #: What the cell binds to something new.
        self.own = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and node not in extended
        }

    def holds(self, node: ast.expr) -> bool:
        """Whether ``node`` is an object from before the cell, or a part of one."""
        return _root(node) in self.names

    def holds_container(self, node: ast.expr) -> bool:
        """Whether ``node`` is, or for all that is known may be, a container from before."""
        if not self.holds(node) or self.namespace is None or not isinstance(node, ast.Name):
            return self.holds(node)
        return issubclass(type(self.namespace.get(node.id)), _CONTAINERS)

    def extends(self, target: ast.expr) -> bool:
        """Whether ``target += ...`` changes an object from before in place."""
        if not isinstance(target, ast.Name) or self.namespace is None:
            return False
        value = self.namespace.get(target.id)
        kind = type(value)
        in_place = issubclass(kind, _CONTAINERS) or kind.__module__ == "numpy"
        return in_place and hasattr(kind, "__iadd__") and target.id not in self.own


def _of_tree(tree: ast.Module, outer: _Outer) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, outer)
        elif isinstance(node, ast.Global):
            yield node, f"changes {', '.join(node.names)} from inside a function"
        elif isinstance(node, (ast.Delete, ast.Assign)):
            yield from _of_targets(node.targets, outer)
        elif isinstance(node, ast.AugAssign):
            yield from _of_targets([node.target], outer)
            if outer.extends(node.target):
                yield node, f"changes {_root(node.target)}"


def _of_targets(targets: list[ast.expr], outer: _Outer) -> Iterator[tuple[ast.AST, str]]:
    for target in targets:
        if isinstance(target, (ast.Subscript, ast.Attribute)) and outer.holds(target):
            yield target, f"changes {_root(target)}"


def _of_call(node: ast.Call, outer: _Outer) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node.func, ast.Name):
        if node.func.id == "open" and _opens_for_writing(node):
            yield node, "writes a file (open)"
        return
    if not isinstance(node.func, ast.Attribute):
        return
    name = node.func.attr
    if _COMMANDS.match(ast.unparse(node.func)):
        yield node, "runs a command"
    lazy = any(
        k.arg == "compute" and isinstance(k.value, ast.Constant) and k.value.value is False
        for k in node.keywords
    )
    given = bool(node.args or node.keywords)
    if name in _WRITERS and not lazy and (given or name not in _WITHOUT_A_FILE):
        yield node, f"writes ({name})"
    elif name in _MUTATORS and outer.holds_container(node.func.value):
        yield node, f"changes {_root(node.func.value)}"


def _opens_for_writing(node: ast.Call) -> bool:
    mode = node.args[1] if len(node.args) > 1 else None
    for keyword in node.keywords:
        if keyword.arg == "mode":
            mode = keyword.value
    if mode is None:
        return False
    return not isinstance(mode, ast.Constant) or bool(set(str(mode.value)) & set("wax+"))


def _root(node: ast.expr) -> str | None:
    """Return the name that an expression of attributes and items begins with."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
