"""Names are terms of the field, and what has to be read at once stays short."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEECH = {"asked", "told", "found", "kept", "said", "given"}  # how it came here, not what it is
OTHER_MEANINGS = {
    ("kb/problems.py", "NotFound"),  # the reason phrase of HTTP 404
    ("kb/sharing/authors.py", "given"),  # CSL's key for first names
    ("kb/sharing/authors.py", "_split_given_names"),
    ("tests/contract/test_schemathesis.py", "given_kwargs"),  # a parameter of schemathesis
}
MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_FUNCTION = 60


def modules(*folders: str) -> Iterator[tuple[str, str]]:
    """Path and text of each module; a migration that was released stays as it ran."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.parent != ROOT / "kb" / "migrations" / "versions":
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def bound_names(source: str) -> set[str]:
    """Every name that a module gives: of functions, classes, parameters, variables, attributes."""
    names: set[str | None] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=name) | ast.alias(asname=name):
                names.add(name)
            case ast.MatchAs(name=name) | ast.MatchStar(name=name) | ast.MatchMapping(rest=name):
                names.add(name)
            case ast.arg(arg=name) | ast.keyword(arg=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                names.add(name)
    return {name for name in names if name}


def words(name: str) -> set[str]:
    """The words of a name in snake_case or CamelCase."""
    return set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", name).lower()))


def participles(source: str) -> set[str]:
    return {name for name in bound_names(source) if words(name) & SPEECH}


def test_no_name_is_a_participle_of_everyday_speech() -> None:
    names = {
        (path, name)
        for path, source in modules("kb", "schemas", "tools", "bench", "tests")
        for name in participles(source)
    }

    assert names - OTHER_MEANINGS == set()


@pytest.mark.parametrize(
    "source",
    [
        "def what_was_told(): ...",
        "class KeptAnswer: ...",
        "def save(asked): ...",
        "def save(**said): ...",
        "lambda given: 0",
        "found_cases = []",
        "answer.asFound = 1",
        "for kept, _ in []: ...",
        "import json as told",
        "dict(found=1)",
        "try: ...\nexcept OSError as asked: ...",
        "match 1:\n    case {'a': 1, **kept}: ...",
    ],
)
def test_a_name_of_any_sort_is_seen(source: str) -> None:
    assert len(participles(source)) == 1


def test_names_of_others_and_words_that_only_look_alike_pass() -> None:
    source = "from hypothesis import given\n@given(foundation=1)\ndef f(unasked): raise KeyNotFound"

    assert participles(source) == set()


def test_modules_and_functions_are_short() -> None:
    long = [
        f"{path}: {name} has {length} lines"
        for path, source in modules("kb", "schemas", "bench", "tools", "tests")
        for name, length, most in lengths(source)
        if length > most
    ]

    assert long == []


def lengths(source: str) -> Iterator[tuple[str, int, int]]:
    """Of a module and of each function in it: its name, how many lines it has and may have."""
    yield "the module", len(source.splitlines()), MOST_LINES_OF_A_MODULE
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1, MOST_LINES_OF_A_FUNCTION
