"""Modules that stand beside a file and are imported by it: their text, which is never run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dask_lens.record.cell import Cell
from dask_lens.source.cell import parse
from dask_lens.source.words import words

#: Bytes: larger files hold data, or are made by programs.
MOST_BYTES = 200_000
MOST_MODULES = 20

#: Packages whose functions know nothing of collections, besides Python's own.
_PLAIN = words("numpy pandas scipy sklearn statsmodels")


def modules_beside(cells: Iterable[Cell], folder: Path) -> tuple[tuple[str, str], ...]:
    """Return the modules in a folder that cells import, by name, with their text.

    Parameters
    ----------
    cells
        The cells. Of those that send no function to a cluster, nothing is read.
    folder
        Where they are kept.
    """
    sources = [cell.source for cell in cells]
    if not any(".submit(" in source or ".map(" in source for source in sources):
        return ()
    names = dict.fromkeys(name for source in sources for name in _imported(source))
    found = []
    for name in list(names)[:MOST_MODULES]:
        text = _text(folder.joinpath(*name.split(".")))
        if text is not None:
            found.append((name, text))
    return tuple(found)


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(parse(source).tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _text(path: Path) -> str | None:
    try:
        files = [f for f in (path.with_suffix(".py"), path / "__init__.py") if f.is_file()]
        if files and files[0].stat().st_size <= MOST_BYTES:
            return files[0].read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return None


class Module:
    """The functions of a module, read.

    Parameters
    ----------
    text
        Its text.
    """

    def __init__(self, text: str) -> None:
        body = parse(text).tree.body
        self._functions = {s.name: s for s in body if isinstance(s, ast.FunctionDef)}
        self._imports = {name: module for node in body for name, module in _bound(node)}

    def reached(self, name: str) -> Sequence[ast.FunctionDef] | None:
        """Return a function and those of the module that it calls.

        None where it is no plain function, or uses something that is not known.
        """
        waiting, found = [name], dict[str, ast.FunctionDef]()
        while waiting:
            function = self._functions.get(waiting.pop())
            if function is None or function.decorator_list:
                return None
            if function.name in found:
                continue
            found[function.name] = function
            used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
            waiting += used & self._functions.keys()
            roots = {self._imports[n].partition(".")[0] for n in used & self._imports.keys()}
            inner = {m.partition(".")[0] for n in ast.walk(function) for _, m in _bound(n)}
            if not roots | inner <= _PLAIN | sys.stdlib_module_names:
                return None
        return list(found.values())


def _bound(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, with the modules they come from."""
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from ((alias.asname or alias.name, module) for alias in node.names)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name
