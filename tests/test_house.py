"""The rules of this house, as tests: who imports whom, sizes, names, what is written once."""

from __future__ import annotations

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

import dask_lens
from dask_lens import rewrites, rules
from dask_lens.config import DEFAULTS_FILE
from dask_lens.rule import KINDS, NEEDS, Rule

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dask_lens"
SCHEMA_FILE = PACKAGE / "dask-lens-schema.yaml"

TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
PYTHON = [path for path in TRACKED if path.suffix == ".py"]
MODULES = [path for path in PYTHON if PACKAGE in path.parents]
TYPESCRIPT = [path for path in TRACKED if path.suffix in (".ts", ".tsx")]
RULES = rules.catalogue()
DOORS = ("__init__.py", "cli.py", "magics.py", "testing.py")


def name(path: object) -> str:
    """Name a file or a rule in the id of a test."""
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else getattr(path, "name", "")


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


# --- who imports whom -------------------------------------------------------------------------


def test_the_contracts_between_the_layers_hold() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ("distributed", "libcst", "IPython", "anywidget", "numpy", "pandas")
    code = f"import sys, dask_lens; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# --- sizes and names --------------------------------------------------------------------------


def most_lines(path: Path) -> int:
    """Return how long a file may be."""
    if path.parent == PACKAGE and path.name in DOORS:
        return 150  # a door
    if path.name == "__init__.py":
        return 60
    if path.name == "index.ts":
        return 40
    if path.suffix in (".ts", ".tsx"):
        return 300
    if path.parent.parent == PACKAGE:
        return {"rules": 250, "rewrites": 300, "metrics": 150}.get(path.parent.name, 400)
    return 400


@pytest.mark.parametrize("path", PYTHON + TYPESCRIPT, ids=name)
def test_a_file_is_short(path: Path) -> None:
    if path.name == "wire.ts":  # written by a program
        return
    assert len(lines(path)) <= most_lines(path)


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_function_is_short(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    sizes = {n.name: body_lines(n) for n in ast.walk(tree) if isinstance(n, functions)}
    assert {name: size for name, size in sizes.items() if size > 60} == {}


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    docstring = ast.get_docstring(node) or ""
    return (node.end_lineno or node.lineno) - node.lineno + 1 - len(docstring.splitlines())


def test_no_module_is_named_after_a_drawer() -> None:
    drawers = r"_*(utils|helpers|common|misc|base|core|types|constants|manager)"
    assert [name(p) for p in PYTHON + TYPESCRIPT if re.fullmatch(drawers, p.stem.lower())] == []


def test_the_tour_of_the_code_takes_ten_minutes() -> None:
    tour = ["__init__", "record/run", "rules/future_returned_from_task", "report", "lens"]
    assert sum(code_lines(PACKAGE / f"{stop}.py") for stop in tour) < 700


def code_lines(path: Path) -> int:
    """Count the lines that are neither empty nor a comment nor in a docstring."""
    text = path.read_text(encoding="utf-8")
    described = (ast.Module, ast.ClassDef, ast.FunctionDef)
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, described) and ast.get_docstring(node):
            said.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return sum(
        bool(line.strip()) and not line.strip().startswith("#")
        for number, line in enumerate(text.splitlines(), start=1)
        if number not in said
    )


# --- shelves ----------------------------------------------------------------------------------


def members(folder: str) -> list[Path]:
    return [p for p in MODULES if p.parent == PACKAGE / folder and p.name[0] != "_"]


def test_every_rule_file_is_a_rule_named_after_it() -> None:
    files = {path.stem.replace("_", "-") for path in members("rules")}
    assert files == {rule.name for rule in RULES}


def test_every_rewrite_file_is_a_rewrite_named_after_it() -> None:
    files = {path.stem.replace("_", "-") for path in members("rewrites")}
    assert files == set(rewrites.catalogue())


def test_no_two_rules_share_a_code() -> None:
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_a_rule_is_filled_in(rule: Rule) -> None:
    assert re.fullmatch(r"DSK[1-6]\d\d", rule.code)
    assert rule.kind in KINDS
    assert rule.needs
    assert set(rule.needs) <= set(NEEDS)
    assert rule.advice.endswith(".")
    assert set(rule.rewrite) <= set(rewrites.catalogue())
    assert "# found here" in rule.dont
    assert "# found here" not in rule.do


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_the_page_of_a_rule_has_its_sections_in_order(rule: Rule) -> None:
    sections = ("Why it costs", "When it is fine", "References")
    found = [rule.page.find(section) for section in sections]
    assert -1 not in found
    assert found == sorted(found)


@pytest.mark.parametrize("path", members("rules"), ids=name)
def test_every_threshold_of_a_rule_is_a_constant_with_its_source(path: Path) -> None:
    text = lines(path)
    tree = ast.parse("\n".join(text))
    constants = {
        target.id: text[node.lineno - 2]
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for key, value in thresholds(tree):
        assert isinstance(value, ast.Name), f"line {value.lineno}: name the threshold"
        assert isinstance(key, ast.Constant)
        assert value.id == str(key.value).upper()
        assert constants[value.id].startswith("#"), f"{value.id}: say where the value comes from"


def thresholds(tree: ast.Module) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """Find the keys and values in ``thresholds={...}`` of a rule."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "thresholds":
            assert isinstance(node.value, ast.Dict)
            yield from zip(node.value.keys, node.value.values, strict=True)


# --- settings ---------------------------------------------------------------------------------


def defaults() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(DEFAULTS_FILE.read_text(encoding="utf-8"))
    return loaded


def schema() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


def test_the_defaults_fit_their_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(defaults(), schema())


def test_every_setting_has_a_default_and_a_description() -> None:
    assert compare(defaults(), schema(), "") == []


def compare(values: dict, described: dict, where: str) -> list[str]:  # type: ignore[type-arg]  # any YAML
    """Say where values and schema differ."""
    properties = described["properties"]
    wrong = [f"{where}{key}" for key in values.keys() ^ properties.keys()]
    for key in values.keys() & properties.keys():
        if "properties" in properties[key]:
            wrong += compare(values[key], properties[key], f"{where}{key}.")
        elif not properties[key].get("description"):
            wrong.append(f"{where}{key} has no description")
    return wrong


@pytest.mark.parametrize(
    "settings",
    [
        {"inline": "sometimes"},
        {"observe": {"max-tasks": -1}},
        {"rules": {"processes-small-batch": {"enabled": "perhaps"}}},
        {"unheard-of": 1},
    ],
    ids=str,
)
def test_the_schema_refuses_what_makes_no_sense(settings: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"dask-lens": settings}, schema())


# --- written once -----------------------------------------------------------------------------


def test_the_version_is_written_in_one_place() -> None:
    version = json.loads((ROOT / "js" / "package.json").read_text(encoding="utf-8"))["version"]
    assert dask_lens.__version__ == version
    assert not re.search(r'^version = "', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)


def test_the_generated_files_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "tools/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pictures_of_the_readme_are_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]*)\)", (ROOT / "README.md").read_text("utf-8"))
    assert {ROOT / picture for picture in pictures} <= set(TRACKED)


def test_the_page_builder_is_the_same_in_builds_and_checkouts() -> None:
    found = re.findall(r'"(jupyter-builder[^"]*)"', (ROOT / "pyproject.toml").read_text())
    assert len(found) == 2
    assert len(set(found)) == 1


# --- what may not be in any file --------------------------------------------------------------


#: Files that tell a program where to fetch things from.
SETTINGS = (".json", ".lock", ".toml", ".cfg", ".yml", ".yaml", ".npmrc", "Makefile", "run")


@pytest.mark.parametrize(
    ("pattern", "endings"),
    [
        (r"/(?:home|Users|root|work)/[\w.]", ""),
        (r"file://", ""),
        (r"https?://[^\s\"]*(?:registry|npmjs|pypi|/simple)|--?index[-]url", SETTINGS),
    ],
    ids=["a path of somebody's machine", "a file address", "the address of a registry"],
)
def test_no_file_holds(pattern: str, endings: str | tuple[str, ...]) -> None:
    files = [path for path in TRACKED if path.suffix != ".png" and path != Path(__file__)]
    assert matches(pattern, [path for path in files if path.name.endswith(endings)]) == []


def matches(pattern: str, files: list[Path]) -> list[str]:
    """List the lines in which ``pattern`` is found."""
    return [
        f"{name(path)}:{number}: {line.strip()[:80]}"
        for path in files
        for number, line in enumerate(lines(path), start=1)
        if re.search(pattern, line)
    ]


def test_every_silenced_check_names_itself_and_its_reason() -> None:
    mypy = r"type: ignore(?!\[[\w, -]+\]  # \S)"
    ruff = r"noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)* - \S)"
    hits = [
        f"{name(path)}:{token.start[0]}: {token.string}"
        for path in PYTHON
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        if token.type == tokenize.COMMENT and re.search(rf"# (?:{mypy}|{ruff})", token.string)
    ]
    assert hits == []


def test_every_ignored_rule_in_pyproject_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = re.findall(r'^ +"[A-Z]+\d*",.*$', text, re.MULTILINE)
    assert [line for line in ignored if not re.search(r"#\s+\w", line)] == []
    assert ignored


def test_the_public_names_say_what_they_are() -> None:
    assert [n for n in dask_lens.__all__ if not getattr(dask_lens, n).__doc__] == []
