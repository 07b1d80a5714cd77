"""The doors of a notebook: ``%lens`` and ``%%lens``."""

from __future__ import annotations

import inspect
import shlex
from typing import Any

import dask.config
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import MagicArgumentParser

from dask_lens import compare_magic, lens, pages, rules
from dask_lens.present import text

_VERBS = ("status", "on", "off", "report", "gauge", "explain", "rules", "ignore", "help", "card")


@magics_class
class LensMagics(Magics):
    """Magics of Dask Lens."""

    @line_cell_magic("lens")
    def lens(self, line: str, cell: str | None = None) -> Any:
        """Watch Dask at work, and say what is in its way.

        Line magic::

            %lens status          whether cells are observed, and how findings are shown
            %lens on | off        begin and stop observing
            %lens report          the report of the last cell that used Dask, in full
            %lens gauge           the live gauge of parallelism
            %lens explain RULE    the page of a rule, such as DSK201 or processes-small-batch
            %lens rules           the table of rules
            %lens ignore RULE     no more findings of this rule in this kernel
            %lens help            this text

        Cell magic::

            %%lens [-o NAME]      run the cell as it is, show its report, keep it as NAME
            %%lens_compare        time it under several schedulers: %lens_compare --help
        """
        if cell is not None:
            raise UsageError("%%lens must be the first line of its cell")
        verb, *words = shlex.split(line) or ["status"]
        verb = {"-h": "help", "--help": "help"}.get(verb, verb)
        if verb not in _VERBS:
            raise UsageError(f"%lens {verb}: unknown; one of {', '.join(_VERBS[:-1])}")
        if verb in ("explain", "ignore") and len(words) != 1:
            raise UsageError(f"%lens {verb} takes the name of one rule; `%lens rules` lists them")
        if verb in ("status", "on", "off", "report", "gauge", "rules", "help") and words:
            raise UsageError(f"%lens {verb} takes no arguments, got {' '.join(words)!r}")
        return getattr(self, f"_{verb}")(*words)

    def _status(self) -> None:
        status = _loaded().status()
        print(
            f"Dask Lens {status['version']}: {'on' if status['on'] else 'off'}; "
            f"findings below cells: {status['inline']}"
        )

    def _on(self) -> None:
        _loaded().start()
        self._status()

    def _off(self) -> None:
        _loaded().stop()
        self._status()

    def _report(self) -> None:
        report = lens.last_report()
        print(text.full(report) if report else "Dask Lens: no cell has used Dask yet")

    def _gauge(self) -> Any:
        from dask_lens.present.widget import Gauge  # noqa: PLC0415 - anywidget is slow to load

        gauge = Gauge()
        _loaded().gauges.append(gauge)
        return gauge

    def _explain(self, name: str) -> None:
        print(pages.plain(_rule(name)))

    def _rules(self) -> None:
        print("\n".join(pages.table()))

    def _help(self) -> None:
        print(inspect.getdoc(type(self).lens))

    def _ignore(self, name: str) -> None:
        rule = _rule(name)
        dask.config.set({f"dask-lens.rules.{rule.name}.enabled": False})
        print(f"Dask Lens: {rule.name} is off in this kernel")

    def _card(self, *words: str) -> None:
        parser = MagicArgumentParser(prog="%%lens")
        parser.add_argument("-o", dest="name", metavar="NAME")
        name = parser.parse_args(list(words)).name
        if name is not None and not name.isidentifier():
            raise UsageError(f"%%lens -o takes a variable name, got {name!r}")
        _loaded().show_next, _loaded().keep_as = True, name


def _cell_magic(lines: list[str]) -> list[str]:
    """Turn ``%%lens`` into a call on the cell's first line; the cell itself runs as it is."""
    head = lines[0].split(maxsplit=1) if lines else []
    if not head or head[0] != "%%lens":
        return lines
    arguments = head[1].strip() if len(head) > 1 else ""
    call = f"get_ipython().run_line_magic('lens', {'card ' + arguments!r})\n"
    body = lines[1:]
    if body and body[0].startswith("%%"):
        magic, _, rest = body[0][2:].strip().partition(" ")
        return [call, f"get_ipython().run_cell_magic{(magic, rest, ''.join(body[1:]))!r}\n"]
    return [call, *body]


def load(shell: Any) -> None:
    """Register the magics and start the lens."""
    shell.register_magics(LensMagics)
    compare_magic.register(shell)
    if _cell_magic not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_cell_magic)
    lens.load(shell)


def unload(shell: Any) -> None:
    """Stop the lens and take the magics away."""
    lens.unload()
    if _cell_magic in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(_cell_magic)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("lens", None)
    shell.magics_manager.registry.pop("LensMagics", None)
    compare_magic.unregister(shell)


def _loaded() -> lens.Lens:
    loaded = lens.loaded()
    if loaded is None:
        raise UsageError("Dask Lens is not loaded: run `%load_ext dask_lens`")
    return loaded


def _rule(name: str) -> Any:
    try:
        return rules.find(name)
    except KeyError as error:
        raise UsageError(str(error.args[0])) from None
