"""The drawing in docs/architecture.md as rules about imports, and what breaks them."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = (
    {"vocabulary", "images"},
    {"cases"},
    {"search"},
    {"ingredients", "pitfalls", "evidence", "editors"},
    {"sharing"},
    {"decisions"},
    {"pages"},
    {"desk"},
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
    *("image_names", "outage", "sqlite_file", "postgres_connection", "database_events"),
    "repeated_work",
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
    "kb.image_names": set[str](),
    "kb.repeated_work": set[str](),
    "kb.sqlite_file": set[str](),
    "kb.postgres_connection": set[str](),
    "kb.database_events": {"kb.outage", "kb.sqlite_file", "kb.postgres_connection"},
    "kb.database": {
        *("kb.settings", "kb.database_events", "kb.sqlite_file", "kb.outage"),
    },
    "kb.services": {  # it names the types that it holds
        "kb.evidence.table",
        "kb.replica",
        "kb.decisions.plan_checks.case_table",
        "kb.editors.openid.provider",
        *("kb.settings", "kb.database", "kb.background", "kb.search.engine"),
        "kb.cases.vocabulary",
        *("kb.web.response_cache",),
    },
    "kb.web": {  # with all that is in it
        *("kb.settings", "kb.database", "kb.services", "kb.vocabulary.terms"),
        *MISTAKES,
        *("kb.problems", "kb.kinds"),
        "schemas",
    },
}
DESK_SEES = {  # beside pages: it reads and writes through the API alone
    *("kb.editors.access", "kb.editors.blueprint"),
    *("kb.editors.sessions", "kb.editors.session_cookie"),
    *("kb.editors.openid.workflow", "kb.editors.openid.errors"),
    "kb.vocabulary.terms",
}
SCHEMAS_SEE = {
    *MISTAKES,
    "kb.kinds",
    "kb.image_names",
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
    "editable_kind",
    "case_texts",
    "study_texts",
    "question_texts",
    "renaming",
    "versions",
    "published",
    "erasure",
    "seed_files",
    "seed",
    "export",
    "intake",
    "merging",
    "operations",
    "csv_export",
    "xlsx_export",
    "columns",
    "cells",
    "advice",
    "rows",
    "matching",
    "parsed_rows",
    "codebook",
    "requests",
    "values",
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
    "case_page",
    "evidence_pages",
    "accounts",
}  # by name; and web and the house itself
SQL = {"select", "insert", "update", "delete", "func", "text"}
SPEAKS_SQL = {
    *("queries", "model", "changes", "database", "workflow", "seed"),
    *(
        "access",
        "sessions",
        "drafts",
        "draft_lists",
        "lifecycle",
        "plans",
        "merging",
        "versions",
        "history",
        "erasure",
        "responses",
        "advice",
    ),
    *(
        "partners",
        "partner_use",
        "near_ids",
        "revisions",
        "archetypes",
        "thing_ids",
        "references",
        "study_links",
        "study_texts",
        "question_texts",
        "editable_kind",
        "case_texts",
        "publishing",
        "reviews",
        "aliases",
        "owned_aliases",
        "published",
        "renaming",
        "public_rows",
        "image_references",
    ),
    *("existing", "matching", "subscriptions", "audit"),
    *("previews", "comments", "accounts"),
    "drill",
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
    *("health", "server", "error_handlers", "logs", "requests", "body", "session_cookie"),
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
    if room(module) == "desk" and room(target) != "pages" and target not in DESK_SEES:
        return "the desk reads and writes through the API"
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
                or room(module) in {"pages", "desk"}
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
