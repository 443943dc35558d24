"""The drawing in docs/architecture.md stays true; these read the imports."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = (
    {"vocabulary"},
    {"cases"},
    {"search"},
    {"ingredients", "pitfalls", "evidence", "editors"},
    {"sharing"},
    {"decisions"},
    {"pages"},
)
STAGES = (  # inside a room; a module of another name only may not look at views
    {"terms", "model"},
    {"changes", "queries", "engine"},
    {"service", "workflow", "catch_up"},
    {"views"},
)
BESIDE = {
    *("settings", "database", "services", "web"),
    *("kinds", "problems", "input_errors", "suggestions", "translation"),
    *("outage", "sqlite_file", "postgres_connection", "database_events"),
}  # everybody looks at these
MISTAKES = {"kb.translation", "kb.suggestions", "kb.input_errors"}  # of callers, with kb.problems
BESIDE_SEE = {  # and they at hardly anything
    "kb.settings": set[str](),
    "kb.translation": set[str](),
    "kb.suggestions": set[str](),
    "kb.kinds": set[str](),
    "kb.input_errors": {"kb.translation"},
    "kb.problems": MISTAKES,
    "kb.outage": set[str](),
    "kb.sqlite_file": set[str](),
    "kb.postgres_connection": set[str](),
    "kb.database_events": {"kb.outage", "kb.sqlite_file", "kb.postgres_connection"},
    "kb.database": {
        *("kb.settings", "kb.database_events", "kb.sqlite_file"),
    },
    "kb.services": {  # it names the types that it holds
        "kb.evidence.table",
        "kb.decisions.plan_checks.case_table",
        *("kb.settings", "kb.database", "kb.background", "kb.search.engine"),
        *("kb.web.response_cache",),
    },
    "kb.web": {  # with all that is in it
        *("kb.settings", "kb.database", "kb.services", "kb.vocabulary.terms"),
        *MISTAKES,
        *("kb.problems", "kb.kinds"),
        "schemas",
    },
}
SCHEMAS_SEE = {
    *MISTAKES,
    "kb.kinds",
    "kb.vocabulary.terms",
    "kb.vocabulary.outcomes",
    "kb.vocabulary.places",
    "kb.web.addresses",
    "schemas",
}
SEES_SCHEMAS = {
    "views",
    "stored_items",
    "blueprint",
    "response_bodies",
    "workflow",
    "drafts",
    "case_documents",
    "renaming",
    "versions",
    "published",
    "erasure",
    "seed_files",
    "seed",
    "export",
    "intake",
    "merging",
    "csv_export",
    "columns",
    "cells",
    "advice",
    "rows",
    "matching",
    "parsed_rows",
    "codebook",
    "requests",
    "representations",
    "content",
    "list_parsing",
    "exports",
    "signposting",
    "dossier",
    "news",
    "memo",
    "references",
    "downloads",
}  # by name; and web and the house itself
SQL = {"select", "insert", "update", "delete", "func", "text"}
SPEAKS_SQL = {
    *("queries", "model", "changes", "database", "workflow", "seed"),
    *("access", "drafts", "versions", "history", "erasure", "responses", "advice"),
    *(
        "partners",
        "partner_use",
        "near_ids",
        "revisions",
        "archetypes",
        "case_ids",
        "publishing",
        "reviews",
        "aliases",
        "owned_aliases",
        "published",
        "renaming",
        "public_rows",
    ),
    *("existing", "matching", "subscriptions"),
}
WHOOSH = {f"kb.search.{name}" for name in ("whoosh_engine", "plain_whoosh_engine")} | {
    *(
        f"kb.search.index.{n}"
        for n in ("snapshot", "index_writer", "merge_policy", "schema", "segment_maker")
    ),
    *(f"kb.search.index.{n}" for n in ("posting_pool", "field_writer", "segment_merger")),
    "kb.search.execute.whoosh_queries",
}
SPEAKS_HTTP = {
    *("views", "blueprint", "response_bodies", "app", "cli", "services"),
    *("health", "server", "error_handlers", "requests", "body"),
    *("representations", "exports", "signposting", "last_change"),
}

Imports = Mapping[str, set[str]]  # what each module imports, by full names


def imports_of(source: str, module: str, *, package: bool = False) -> set[str]:
    """What a module imports, as `package.module.name`; also inside functions."""
    home = module.split(".") if package else module.split(".")[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = home[: len(home) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names.update(f"{base}.{alias.name}" for alias in node.names)
    return names


def read_modules() -> dict[str, Path]:
    """The files of the house, by the name under which Python imports them."""
    paths = [path for name in ("kb", "schemas") for path in (ROOT / name).rglob("*.py")]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
        if "versions" not in path.parts
    }


def read_imports() -> Imports:
    return {
        name: imports_of(path.read_text("utf-8"), name, package=path.name == "__init__.py")
        for name, path in read_modules().items()
    }


def ours(imports: Imports) -> Iterator[tuple[str, str]]:
    """Which of our modules imports which."""
    for module, names in imports.items():
        for name in names:
            target = name if name in imports else name.rpartition(".")[0]
            if target in imports and target != module:
                yield module, target


def room(module: str) -> str | None:
    parts = module.split(".")
    known = {name for floor in FLOORS for name in floor}
    return parts[1] if parts[0] == "kb" and len(parts) > 1 and parts[1] in known else None


def place(name: str | None, order: Iterable[set[str]]) -> int | None:
    return next((number for number, names in enumerate(order) if name in names), None)


def last(module: str) -> str:
    """The name of a module; of several with views in one room, what they are."""
    name = module.rpartition(".")[2]
    return "views" if name.endswith("_views") else name


def is_top(module: str) -> bool:
    """The front and side doors, and what furnishes them: they look at everything."""
    parts = module.split(".")
    return parts[0] == "kb" and room(module) is None and parts[1:2] not in [[b] for b in BESIDE]


def crossings(imports: Imports) -> list[str]:
    """Every import that the drawing does not have."""
    return sorted(
        f"{module} imports {target}: {reason}"
        for module, target in ours(imports)
        if (reason := why_not(module, target))
    )


def why_not(module: str, target: str) -> str | None:
    """What is wrong with an import of ours, if anything is."""
    if module.split(".")[0] == "schemas":
        allowed = target.split(".")[0] == "schemas" or target in SCHEMAS_SEE
        return None if allowed else "schemas look at terms, problems and addresses only"
    beside = ".".join(module.split(".")[:2])
    if beside in BESIDE_SEE:
        seen = {beside, *BESIDE_SEE[beside]}
        allowed = any(f"{target}.".startswith(f"{each}.") for each in seen)
        return None if allowed else "what is beside the rooms looks into none of them"
    if target.split(".")[0] == "schemas":
        allowed = last(module) in SEES_SCHEMAS or is_top(module)
        return (
            None
            if allowed
            else "schemas are for views, the workflow and what brings texts in and out"
        )
    if target.split(".")[1:2] and target.split(".")[1] in BESIDE:
        return None
    if is_top(module):
        return None
    if room(target) is None:
        return "a room does not look at the doors"
    if room(module) == room(target):
        return inside(module, target)
    if last(target) == "views":
        return "views are for the front door"
    if (
        room(module) == "editors"
        and room(target) == "search"
        and target != "kb.search.analysis.analyzer"
    ):
        return "publishing never hears of the index"
    near, far = place(room(module), FLOORS), place(room(target), FLOORS)
    assert near is not None
    assert far is not None
    return None if far < near else "arrows go one way, never sideways"


def inside(module: str, target: str) -> str | None:
    """What is wrong with an import inside a room."""
    near, far = place(last(module), STAGES), place(last(target), STAGES)
    if last(target) == "views":
        return "nothing in a room looks at its views"
    if near is not None and far is not None and far >= near:
        return "inside a room the arrows go one way too"
    return None


def foreign(imports: Imports) -> list[str]:
    """Libraries that are imported where they should not be."""
    errors = []
    for module, names in imports.items():
        for name in sorted(names):
            library, _, rest = name.partition(".")
            if library == "whoosh" and module not in WHOOSH:
                errors.append(f"{module} imports {name}: Whoosh is for its files")
            if library == "flask" and not (
                last(module) in SPEAKS_HTTP
                or module.startswith("kb.web")
                or module.startswith("kb.pages")
            ):
                errors.append(f"{module} imports {name}: HTTP is for views")
            if library == "sqlalchemy" and not (
                last(module) in SPEAKS_SQL or module.startswith("kb.migrations")
            ):
                if not rest or last(name) in SQL:
                    errors.append(f"{module} imports {name}: SQL is for queries")
                elif module.startswith("schemas"):
                    errors.append(f"{module} imports {name}: schemas ask the database nothing")
    return sorted(errors)


def circles(imports: Imports) -> list[str]:
    """Modules that import each other, directly or by a detour."""
    graph: dict[str, set[str]] = {}
    for module, target in ours(imports):
        graph.setdefault(module, set()).add(target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


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
        if line.startswith("    vocabulary ←")
    )

    assert [set(floor.split(" · ")) for floor in floors.split(" ← ")] == list(FLOORS)
