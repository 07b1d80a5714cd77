"""Write the generated files: tables in README.md, the pages of the rules, the page's wire types.

``--check`` writes nothing and fails where a file is stale.
"""

from __future__ import annotations

import ast
import inspect
import re
import runpy
import sys
import textwrap
from pathlib import Path

from dask_lens import rewrites, rules
from dask_lens.magics import LensMagics
from dask_lens.rule import Rule

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Write or check every file; return the exit status."""
    stale = []
    for path, text in files().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    if "--check" in sys.argv and stale:
        print(f"stale: {', '.join(stale)}; write them again with `make generated`")
        return 1
    return 0


def files() -> dict[Path, str]:
    """Return the text of each generated file as it should be."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = between(text, "magics", magics())
    text = between(text, "rules", rules_table())
    wire = runpy.run_path(str(ROOT / "js" / "wire_types.py"))
    pages = ROOT / "dask_lens" / "rules" / "README.md"
    return {readme: text, pages: rule_pages(), wire["TARGET"].resolve(): wire["source"]()}


def between(text: str, marker: str, content: str) -> str:
    """Put ``content`` between the two comments that name ``marker``."""
    begin, end = f"<!-- begin {marker} -->\n", f"<!-- end {marker} -->\n"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"README.md: put the lines {begin.strip()!r} and {end.strip()!r} back")
    return f"{before}{begin}\n{content}\n{end}{after}"


def magics() -> str:
    """Return the magics as their own help tells them."""
    help_text = inspect.getdoc(LensMagics.lens) or ""
    blocks = re.findall(r"::\n\n((?:    .*\n|\n)+)", help_text + "\n")
    return "```\n" + "\n\n".join(textwrap.dedent(block).strip() for block in blocks) + "\n```\n"


def rules_table() -> str:
    """Return one line for each rule: what it finds and what it offers."""
    rows = ["| code | rule | finds | kind | rewrites |", "|---|---|---|---|---|"]
    rows += [
        f"| {rule.code} | [{rule.name}](dask_lens/rules/README.md#{rule.code.lower()}-{rule.name})"
        f" | {headline(rule)} | {rule.kind} | {', '.join(titles(rule))} |"
        for rule in rules.catalogue()
    ]
    return "\n".join(rows) + "\n"


def headline(rule: Rule) -> str:
    """Return the first sentence of a rule's page, as it reads in a table."""
    return rule.page.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def titles(rule: Rule) -> list[str]:
    """Return what the rewrites of a rule do, best first."""
    catalogue = rewrites.catalogue()
    return [catalogue[name].title for name in rule.rewrite] or ["none"]


def rule_pages() -> str:
    """Return the catalogue: each rule's page, its two examples and its settings."""
    head = "# The rules\n\nWritten by `make generated` from the modules in this folder.\n"
    return "\n".join([head, *(page(rule) for rule in rules.catalogue())])


def page(rule: Rule) -> str:
    """Return the page of one rule as Markdown."""
    parts = [
        f"## {rule.code} {rule.name}",
        rule.page.replace("``", "`"),
        f"Don't:\n\n```python\n{rule.dont.strip()}\n```",
        f"Do:\n\n```python\n{rule.do.strip()}\n```",
    ]
    if rule.thresholds:
        parts.append("### Settings\n\n" + "\n".join(settings(rule)))
    return "\n\n".join(parts) + "\n"


def settings(rule: Rule) -> list[str]:
    """Return a list item for each threshold, with the comment above its constant."""
    source = inspect.getsource(sys.modules[rule.module])
    text = source.splitlines()
    comments = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            above = text[: node.lineno - 1]
            lines = []
            while above and above[-1].startswith("#"):
                lines.insert(0, above.pop().lstrip("#: "))
            comments[node.targets[0].id] = " ".join(lines)
    return [
        f"- `dask-lens.rules.{rule.name}.{key.replace('_', '-')}` (default {value}): "
        f"{comments[key.upper()]}"
        for key, value in rule.thresholds.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
