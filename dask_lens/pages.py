"""The page of a rule, made from its module, for every place that shows one."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator

from dask_lens import rewrites, rules
from dask_lens.rule import Rule

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def markdown(rule: Rule) -> str:
    """Return the page as Markdown, without its title.

    Parameters
    ----------
    rule
        A rule of the catalogue.
    """
    blocks = [f"```python\n{text}\n```" if is_code else text for is_code, text in _blocks(rule)]
    return "\n\n".join(blocks) + "\n"


def plain(rule: Rule, *, width: int = 88, colour: bool = False) -> str:
    """Return the page as text for a terminal.

    Parameters
    ----------
    rule
        A rule of the catalogue.
    width
        Columns to fill.
    colour
        Whether headings stand out.
    """
    bold, end = (_BOLD, _PLAIN) if colour else ("", "")
    parts = [f"{bold}{rule.code} {rule.name}{end}  ({rule.kind})"]
    for is_code, text in _blocks(rule):
        for block in [text] if is_code else text.split("\n\n"):
            if is_code:
                parts.append(textwrap.indent(block, "    "))
                continue
            items = re.split(r"\n(?=- )", block.replace("`", ""))
            filled = "\n".join(_filled(i, width, "  " * i.startswith("- ")) for i in items)
            parts.append(re.sub(r"\*([A-Z][\w' ]+)\*", rf"{bold}\1{end}", filled))
    return "\n\n".join(parts) + "\n"


def _blocks(rule: Rule) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a page in order, and whether they are code."""
    page, found, references = rule.page.replace("``", "`").partition("*References*")
    offered = f" Rewrites: {'; '.join(titles(rule))}." if rule.rewrite else ""
    yield False, f"{page.rstrip()}\n\n*What to do*: {rule.advice}{offered}"
    yield False, "*Don't*:"
    yield True, rule.dont.strip()
    yield False, "*Do*:"
    yield True, rule.do.strip()
    if rule.thresholds:
        listed = "\n".join(f"- {line}" for line in thresholds(rule))
        yield False, f"*Settings*, in Dask's configuration or in pyproject.toml:\n\n{listed}"
    if found:
        yield False, f"{found}{references}"


def table(*, colour: bool = False) -> list[str]:
    """Return a line for each rule: its code, kind, name and headline."""
    bold, end = (_BOLD, _PLAIN) if colour else ("", "")
    width = max(len(rule.name) for rule in rules.catalogue())
    return [
        f"{rule.code}  {rule.kind:5}  {bold}{rule.name:{width}}{end}  {headline(rule)}"
        for rule in rules.catalogue()
    ]


def headline(rule: Rule) -> str:
    """Return the first sentence of the page."""
    return " ".join(rule.page.partition("\n\n")[0].split())


def titles(rule: Rule) -> list[str]:
    """Return what the rewrites of a rule do, best first."""
    return [rewrites.catalogue()[name].title for name in rule.rewrite]


def thresholds(rule: Rule) -> list[str]:
    """Return a line for each setting of a rule: its name, its default and what it means."""
    text = inspect.getsource(sys.modules[rule.module]).splitlines()
    comments = {}
    for node in ast.parse("\n".join(text)).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            above = text[: node.lineno - 1]
            lines: list[str] = []
            while above and above[-1].startswith("#"):
                lines.insert(0, above.pop().lstrip("#: "))
            comments[node.targets[0].id] = " ".join(lines)
    return [
        f"`dask-lens.rules.{rule.name}.{key.replace('_', '-')}` (default {value}): "
        f"{comments[key.upper()]}"
        for key, value in rule.thresholds.items()
    ]


def _filled(text: str, width: int, indent: str = "") -> str:
    """Fill lines; addresses are never broken."""
    return textwrap.fill(
        " ".join(text.split()),
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
