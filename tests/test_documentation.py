"""What the documentation names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click

from kb.cli.main import main

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
A_COMMAND = re.compile(
    r"(?:`|^ {4}|\| |[$;(])(?:\.venv/bin/)?(kb|make) ([a-z][^`\n|);#]+)", re.MULTILINE
)


def definitions(path: Path) -> set[str]:
    """The functions and classes of a module, with methods as `Class.method`."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            names |= {f"{node.name}.{method.name}" for method in methods}
    return names


def test_the_walks_pass_what_there_is() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    steps = re.findall(r"`([\w/]+\.py):([\w.]+)`", text)

    assert len(steps) > 30
    for file, name in steps:
        assert name in definitions(ROOT / file), f"{file} has no {name}"


def test_the_documentation_names_files_that_there_are() -> None:
    named = {
        (page.name, path)
        for page in PAGES
        if page.name != "CHANGELOG.md"
        for path in re.findall(
            r"`((?:kb|schemas|seed_data|tests|docs|bench|tools)/[\w/.-]+)`", page.read_text("utf-8")
        )
    }

    assert sorted((page, path) for page, path in named if not (ROOT / path).exists()) == []


def is_known(program: str, words: list[str]) -> bool:
    """Whether `make` has a target, or `kb` a command with the options that follow."""
    if program == "make":
        return f"\n{words[0]}:" in (ROOT / "Makefile").read_text("utf-8")
    command: click.Command | None = main
    while isinstance(command, click.Group) and words:
        try:
            _, command, words = command.resolve_command(click.Context(command), words)
        except click.UsageError:
            return False
    assert command is not None
    options = {option for each in command.params for option in each.opts + each.secondary_opts}
    return options >= {word.strip("[]") for word in words if word.strip("[]").startswith("--")}


def test_the_documentation_names_commands_that_there_are() -> None:
    named = {
        (page.name, program, words)
        for page in PAGES
        if page.name != "CHANGELOG.md"
        for program, words in A_COMMAND.findall(page.read_text("utf-8"))
    }

    assert len(named) > 60
    assert sorted(each for each in named if not is_known(each[1], each[2].split())) == []


def test_decisions_are_numbered_one_by_one() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [record.name[:4] for record in records] == [
        f"{n:04}" for n in range(1, len(records) + 1)
    ]
    for number, record in enumerate(records, 1):
        assert record.read_text("utf-8").startswith(f"# {number}. "), record.name
