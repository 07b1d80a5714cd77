"""Write the generated files: tables in README.md, the pages of the rules, the page's wire types.

``--check`` writes nothing and fails where a file is stale.
"""

from __future__ import annotations

import inspect
import re
import runpy
import sys
import textwrap
from pathlib import Path

from dask_lens import pages, rules
from dask_lens.magics import LensMagics
from dask_lens.present.legend import ACCOUNTS, PREFIXES
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
    return {
        readme: text,
        pages: rule_pages(),
        wire["TARGET"].resolve(): wire["source"](),
        ROOT / "js" / "src" / "legend.ts": legend_words(),
        ROOT / "js" / "style" / "legend.css": legend_colours(),
    }


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
        f" | {headline(rule)} | {rule.kind}"
        f" | {', '.join(pages.titles(rule)) or 'none'} |"
        for rule in rules.catalogue()
    ]
    return "\n".join(rows) + "\n"


def headline(rule: Rule) -> str:
    """Return the first sentence of a rule's page, as it reads in a table."""
    return pages.headline(rule).replace("|", "\\|")


def rule_pages() -> str:
    """Return the catalogue: each rule's page, its two examples and its settings."""
    head = "# The rules\n\nWritten by `make generated` from the modules in this folder.\n"
    return "\n".join(
        [head, *(f"## {r.code} {r.name}\n\n{pages.markdown(r)}" for r in rules.catalogue())]
    )


def legend_words() -> str:
    """Return the TypeScript module with the words of the accounts."""
    listed = ",\n".join(f"  '{name}'" for name in ACCOUNTS)
    return f"""\
/** Words of the legends. Written by tools/generate.py: do not edit. */

import type {{ ITexts }} from './texts';

/** Accounts in the order they are drawn: what worked, then what was lost. */
export const ACCOUNTS = [
{listed}
] as const;

/** An account of a budget. */
export type Account = (typeof ACCOUNTS)[number];

/** The ends of the class names of key prefixes, the last for all others. */
export const PREFIXES = '{prefix_letters()}';

/** An account in a few words. */
{translated("label", {name: account.label for name, account in ACCOUNTS.items()})}
/** What is in an account. */
{translated("describe", {name: account.meaning for name, account in ACCOUNTS.items()})}"""


def translated(function: str, texts: dict[str, str]) -> str:
    """Return a TypeScript function that gives each account its text."""
    cases = [
        f"    case '{name}':\n      return texts.__('{text}');\n" for name, text in texts.items()
    ]
    head = f"export function {function}(name: Account, texts: ITexts): string {{\n"
    return f"{head}  switch (name) {{\n{''.join(cases)}  }}\n}}\n"


def prefix_letters() -> str:
    """Return a letter for each colour of key prefixes."""
    return "".join(chr(ord("a") + n) for n in range(len(PREFIXES)))


def legend_colours() -> str:
    """Return the style sheet with the colours of accounts and key prefixes."""
    colours = [(f"Account.dask-lens-mod-{name}", a.themed) for name, a in ACCOUNTS.items()]
    colours += [
        (f"Prefix.dask-lens-mod-{letter}", themed)
        for letter, (_, themed) in zip(prefix_letters(), PREFIXES, strict=True)
    ]
    rules = [f".dask-lens-{name} {{\n  fill: {themed};\n}}\n" for name, themed in colours]
    head = "/* Colours of the legends. Written by tools/generate.py: do not edit. */\n"
    return head + "\n".join(rules)


if __name__ == "__main__":
    sys.exit(main())
