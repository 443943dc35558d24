"""The drawing in docs/architecture.md stays true; these read the imports."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

from tests.drawing import (
    FLOORS,
    ROOT,
    Imports,
    circles,
    crossings,
    foreign,
    imports_of,
    ours,
    read_imports,
    read_modules,
)


def test_imports_follow_the_drawing() -> None:
    assert crossings(read_imports()) == []


def test_no_modules_import_each_other() -> None:
    assert circles(read_imports()) == []


def test_sql_http_and_whoosh_stay_in_their_files() -> None:
    assert foreign(read_imports()) == []


def test_every_room_says_what_it_is_for_and_imports_nothing() -> None:
    for name, path in read_modules().items():
        if path.name == "__init__.py":
            tree = ast.parse(path.read_text("utf-8"))
            assert ast.get_docstring(tree), f"{name} has no docstring"
            assert len(tree.body) == 1, f"{name} does more than say what it is for"


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name
        for name, path in read_modules().items()
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert silent == []


def test_the_reader_of_imports_sees_the_whole_house() -> None:
    modules = read_modules()
    pairs = set(ours(read_imports()))

    assert {"kb.app", "kb.cases.model", "kb.search.whoosh_engine", "schemas.cases"} <= set(modules)
    assert ("kb.cases.model", "kb.vocabulary.model") in pairs
    assert ("kb.editors.seed", "kb.cases.changes") in pairs
    assert ("kb.app", "kb.cases.views") in pairs
    assert ("kb.server", "kb.app") in pairs  # inside a function
    assert ("schemas.cases", "schemas.base") in pairs  # relative


A_HOUSE = {
    "kb.app": "import kb.cases.views\nfrom kb.search import whoosh_engine",
    "kb.cli.context": "from kb.app import create_app",
    "kb.database": "",
    "kb.problems": "",
    "kb.input_errors": "",
    "kb.web": "from kb import problems\nfrom schemas.base import mistakes",
    "kb.vocabulary.terms": "",
    "kb.cases.model": "from kb.vocabulary.terms import term",
    "kb.cases.queries": "from kb.cases.model import Case\nfrom kb.database import Base",
    "kb.cases.views": "from kb.cases import queries\nfrom schemas import cases\nimport kb.web",
    "kb.search.engine": "",
    "kb.search.analysis.analyzer": "from kb.vocabulary.terms import term",
    "kb.search.whoosh_engine": "from kb.search.engine import SearchEngine\nimport whoosh.index",
    "kb.search.service": "from kb.search.engine import Hit\nfrom kb.cases.queries import many",
    "kb.editors.workflow": "from kb.cases.model import Case\nfrom schemas.cases import Case",
    "kb.editors.advice": "from kb.search.analysis import analyzer",  # the language, not the index
    "kb.pitfalls.views": "from kb.cases import queries",
    "kb.evidence.views": "def later():\n    from kb.cases import queries",
    "kb.desk.rendering": "",
    "kb.desk.views": "from kb.desk import rendering\nfrom kb.editors import sessions\nimport flask",
    "kb.editors.sessions": "",
    "schemas.base": "from kb.input_errors import Mistake",
    "schemas.cases": "from .base import Schema\nfrom . import base",
}


def imports_in(house: Mapping[str, str]) -> Imports:
    return {name: imports_of(source, name) for name, source in house.items()}


def test_a_house_that_follows_the_drawing_passes() -> None:
    house = imports_in(A_HOUSE)

    assert (crossings(house), circles(house), foreign(house)) == ([], [], [])


@pytest.mark.parametrize(
    ("module", "line", "reason"),
    [
        ("kb.vocabulary.terms", "from kb.cases.model import Case", "arrows go one way"),
        ("kb.cases.queries", "from kb.search.engine import Hit", "arrows go one way"),
        ("kb.pitfalls.views", "from kb.editors import workflow", "never sideways"),
        ("kb.evidence.views", "def f():\n    import kb.pitfalls.views", "for the front door"),
        ("kb.editors.workflow", "from kb.search.engine import Hit", "never hears of the index"),
        ("kb.editors.advice", "from kb.search import engine", "never hears of the index"),
        ("kb.editors.workflow", "from kb.app import create_app", "does not look at the doors"),
        ("kb.cases.model", "from kb.cases.queries import many", "one way too"),
        ("kb.search.engine", "from kb.search import service", "one way too"),
        ("kb.search.whoosh_engine", "from kb.cases.views import blp", "for the front door"),
        ("kb.cases.queries", "from kb.cases.views import blp", "looks at its views"),
        ("kb.desk.rendering", "from kb.cases import queries", "through the API"),
        ("kb.desk.views", "from kb.editors import workflow", "through the API"),
        ("kb.cases.model", "from schemas.cases import CaseDocument", "schemas are for views"),
        ("kb.search.service", "import schemas.cases", "schemas are for views"),
        ("schemas.cases", "from kb.database import session", "addresses only"),
        ("schemas.cases", "from kb.cases.model import Case", "addresses only"),
        ("kb.problems", "from kb.database import now", "looks into none"),
        ("kb.web", "from kb.cases import queries", "looks into none"),
        (
            "kb.database",
            "if TYPE_CHECKING:\n    from kb.cases.model import Case",
            "looks into none",
        ),
    ],
)
def test_an_import_against_the_drawing_is_reported(module: str, line: str, reason: str) -> None:
    house = imports_in(A_HOUSE | {module: f"{A_HOUSE[module]}\n{line}"})

    [crossing] = crossings(house)
    assert crossing.startswith(f"{module} imports ")
    assert reason in crossing


@pytest.mark.parametrize(
    ("module", "line", "reason"),
    [
        ("kb.search.service", "from whoosh.query import Term", "Whoosh is for its files"),
        ("kb.cli.context", "import whoosh", "Whoosh is for its files"),
        ("kb.search.service", "from flask import request", "HTTP is for views"),
        ("schemas.cases", "def f():\n    from flask import g", "HTTP is for views"),
        ("kb.cases.views", "from sqlalchemy import select", "SQL is for queries"),
        ("kb.search.service", "import sqlalchemy", "SQL is for queries"),
        ("kb.search.service", "from sqlalchemy import func as f", "SQL is for queries"),
        ("schemas.cases", "from sqlalchemy.orm import Session", "ask the database nothing"),
    ],
)
def test_a_library_outside_its_files_is_reported(module: str, line: str, reason: str) -> None:
    house = imports_in(A_HOUSE | {module: f"{A_HOUSE[module]}\n{line}"})

    [wrong] = foreign(house)
    assert wrong.startswith(f"{module} imports ")
    assert reason in wrong


def test_modules_that_import_each_other_are_reported() -> None:
    circle = {
        "kb.search.service": "from kb.search.execute import highlight",
        "kb.search.execute.highlight": "from kb.search.service import find",
    }

    assert set(circles(imports_in(A_HOUSE | circle))) == set(circle)


def test_the_drawing_has_the_rooms_in_their_order() -> None:
    floors = next(
        line.strip()
        for line in (ROOT / "docs" / "architecture.md").read_text("utf-8").splitlines()
        if line.startswith("    vocabulary · images ←")
    )

    assert [set(floor.split(" · ")) for floor in floors.split(" ← ")] == list(FLOORS)
