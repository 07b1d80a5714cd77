"""Write ``src/wire.ts``: the TypeScript side of what the kernel sends, read from its dataclasses.

Run ``python js/wire_types.py`` after changing one of them; a test fails while it is stale.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dask_lens.compare.sent import ComparisonReport
from dask_lens.metrics.speedup import Speedup
from dask_lens.present.lanes import Lanes
from dask_lens.record import wire
from dask_lens.record.live import Live
from dask_lens.report import Report

#: What travels; the dataclasses they are made of follow by themselves.
ROOTS = (Report, Live, Lanes, Speedup, ComparisonReport)

#: The file that is written.
TARGET = Path(__file__).parent / "src" / "wire.ts"

_SCALARS = {str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown"}

_SHAPES_TYPE = "Readonly<Record<keyof Wire, Readonly<Record<string, string>>>>"

_HEADER = """\
/** What the kernel sends. Written by wire_types.py from the Python dataclasses: do not edit. */
"""


def main() -> None:
    """Write the file."""
    TARGET.write_text(source(), encoding="utf-8")


def source() -> str:
    """Return the text of ``wire.ts`` as it should be."""
    kinds = _reachable()
    interfaces = [_interface(kind) for kind in kinds]
    names = "".join(f"  {kind.__name__}: {kind.__name__};\n" for kind in kinds)
    shapes = ",\n".join(_shape(kind) for kind in kinds)
    return "\n".join(
        [
            _HEADER,
            *interfaces,
            f"/** Every type above, by name. */\nexport interface Wire {{\n{names}}}\n",
            "/** The same at run time: `?` may be null, `[]` is a list. */",
            f"export const SHAPES: {_SHAPES_TYPE} = {{\n{shapes}\n}};\n",
        ]
    )


def _reachable() -> list[type]:
    found: list[type] = []
    waiting: list[Any] = list(ROOTS)
    while waiting:
        kind = waiting.pop(0)
        if dataclasses.is_dataclass(kind) and kind not in found:
            found.append(typing.cast("type", kind))
            waiting += _hints(typing.cast("type", kind)).values()
        waiting += [a for a in typing.get_args(kind) if a is not Ellipsis]
    return sorted(found, key=lambda kind: kind.__name__)


def _hints(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in wire.fields(kind)}


def _interface(kind: type) -> str:
    hints = _hints(kind)
    fields = "".join(f"  readonly {name}: {_type(hint)};\n" for name, hint in hints.items())
    return f"export interface {kind.__name__} {{\n{fields}}}\n"


def _shape(kind: type) -> str:
    hints = _hints(kind)
    fields = ",\n".join(f"    {name}: '{_code(hint)}'" for name, hint in hints.items())
    return f"  {kind.__name__}: {{\n{fields}\n  }}"


def _type(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return f"{_type(arguments[0])} | null"
    if origin is tuple:
        return f"readonly {_type(arguments[0])}[]"
    if origin in (dict, Mapping):
        return f"Readonly<Record<string, {_type(arguments[1])}>>"
    return _SCALARS.get(hint) or hint.__name__


def _code(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return f"{_code(arguments[0])}?"
    if origin is tuple:
        return f"{_code(arguments[0])}[]"
    if origin in (dict, Mapping):
        return "object"
    return _SCALARS.get(hint) or hint.__name__


if __name__ == "__main__":
    main()
