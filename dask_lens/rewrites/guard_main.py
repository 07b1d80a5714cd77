"""Put what a script does below ``if __name__ == "__main__":``, from a statement on."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, Statement, without_blanks
from dask_lens.source.cell import parse
from dask_lens.source.scripts import Script, scripts

rewrite = Rewrite(__name__, title='Put it below if __name__ == "__main__":')

_TEST = '__name__ == "__main__"'
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Guard the statement at ``place`` and those that follow it."""
    script = next((s for s in scripts(cells) if s.cell == place.cell), None)
    if script is None:
        return "this is no script"
    parsed = parse(script.text)
    body = parsed.tree.body
    number = next(
        (n for n, s in enumerate(body) if s.lineno <= place.line <= (s.end_lineno or 0)), None
    )
    if number is None:
        return "no statement stands on this line"
    following = body[number:]
    guards = [s for s in following if isinstance(s, ast.If) and _guards(s)]
    if following[0] in guards:
        return "it is guarded already"
    codemod = Codemod(script.text)
    lines = [codemod.statement(parsed.place(0, statement)) for statement in following]
    if None in lines or len(set(lines)) < len(lines):
        return "two statements stand on one line"
    if not guards:
        _guard(codemod, [line for line in lines if line is not None])
    elif not _move(codemod, following, lines):
        return "another part of the script is guarded already: move the statement there"
    return _outcome(script, codemod, ask=any(isinstance(s, _DEFINES) for s in following))


def _guard(codemod: Codemod, lines: Sequence[Statement]) -> None:
    """Make a block of all these statements."""
    first, *rest = lines
    body = [first.with_changes(leading_lines=()), *(without_blanks(line) for line in rest)]

    def guarded(node: Statement) -> cst.If:
        block = cst.IndentedBlock(body)
        return cst.If(cst.parse_expression(_TEST), block, leading_lines=node.leading_lines)

    codemod.change(first, guarded)
    for line in rest:
        codemod.change(line, lambda _: cst.RemoveFromParent())


def _move(
    codemod: Codemod, following: Sequence[ast.stmt], lines: Sequence[Statement | None]
) -> bool:
    """Move a statement to the beginning of the guarded block; return whether that is possible."""
    number = next(n for n, s in enumerate(following) if isinstance(s, ast.If) and _guards(s))
    moved, guard = lines[0], lines[number]
    between = following[1:number]
    if not isinstance(moved, cst.SimpleStatementLine) or not isinstance(guard, cst.If):
        return False
    if not all(isinstance(statement, _DEFINES) for statement in between):
        return False
    if not isinstance(guard.body, cst.IndentedBlock):
        return False
    block = guard.body.with_changes(body=[moved.with_changes(leading_lines=()), *guard.body.body])
    codemod.change(guard, lambda node: node.with_changes(body=block))
    codemod.drop(moved, lines[1])
    return True


def _guards(statement: ast.If) -> bool:
    return "__name__" in ast.unparse(statement.test)


def _outcome(script: Script, codemod: Codemod, *, ask: bool) -> Change | str:
    """Return the new text, with what stood above the script."""
    text, blank = codemod.text(), "\n" * script.line
    if text is None or parse(text).problem is not None or not text.startswith(blank):
        return "the changed script would not be Python"
    return Change({script.cell: script.above + text[script.line :]}, "ask" if ask else "same")
