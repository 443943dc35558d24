"""Rows taken in, and what became of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from kb.editors.imports.intake import import_rows
from kb.editors.imports.report import ImportReport
from kb.editors.model import Revision
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase


def run(kb: KnowledgeBase, *documents: Any, **options: Any) -> ImportReport:
    return import_rows(
        kb.database, list(enumerate(documents, start=1)), **({"author": "sanne"} | options)
    )


def results(report: ImportReport) -> list[tuple[str | None, str, list[tuple[str, str]]]]:
    """Of each row: id, outcome, and what is wrong with it."""
    return [
        (row.id, row.outcome, sorted((pointer, mistake.code) for pointer, mistake in row.errors))
        for row in report.rows
    ]


def outcomes(report: ImportReport) -> list[str]:
    return [row.outcome for row in report.rows]


def reasons(report: ImportReport) -> list[str]:
    return [mistake.values["reason"] for row in report.rows for _, mistake in row.errors]


def states(kb: KnowledgeBase, slug: str = "tuin") -> list[tuple[str, int | None, str, int | None]]:
    query = select(Revision).where(Revision.slug == slug).order_by(Revision.id)
    with kb.database.reading() as session:
        return [
            (each.state, each.version, each.author, each.based_on)
            for each in session.scalars(query)
        ]


def everything(kb: KnowledgeBase) -> dict[str, list[Any]]:
    """All that is in the database, by table."""
    with kb.database.reading() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        return {
            table: [tuple(row) for row in session.execute(text(f'SELECT * FROM "{table}"'))]
            for table in tables.all()
        }


def title(kb: KnowledgeBase, slug: str = "tuin") -> str | None:
    answer: Any = kb.client.get(f"/v1/cases/{slug}").get_json()
    return answer["title"] if "version" in answer else None


def text_of(kb: KnowledgeBase, slug: str = "tuin") -> dict[str, Any]:
    """The newest text of a case."""
    query = select(Revision.document).where(Revision.slug == slug).order_by(Revision.id.desc())
    with kb.database.reading() as session:
        document: dict[str, Any] | None = session.scalars(query).first()
    assert document is not None
    return document


def whole(slug: str = "tuin") -> dict[str, Any]:
    pitfalls = [a_pitfall(slug, "a", title="Geld"), a_pitfall(slug, "b", title="Tijd")]
    return a_case(slug, pitfalls=pitfalls, findings=[a_finding(slug)])
