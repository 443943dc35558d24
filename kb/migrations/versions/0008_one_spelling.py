"""Texts of earlier releases get the spelling in which this one stores them (schemas.text)."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from schemas.text import normalise

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LINES = {"title", "claim", "province", "municipality", "neighbourhood", "name", "publisher"}
LINES |= {"authors"}
PLAIN = ("title", "summary", "context", "approach", "results", "collaboration")
COLUMNS = {
    "case_study": (*PLAIN, "province", "municipality", "neighbourhood"),
    "case_ingredient": ("how",),
    "party": ("name",),
    "source": ("title", "authors", "publisher"),
    "pitfall": ("title", "description", "avoidance"),
    "finding": ("claim", "conditions"),
    "study": ("title", "summary", "authors", "publisher"),
    "question": ("title", "answer"),
}
OWNED = ("case_ingredient", "party", "source", "pitfall", "finding")
KINDS = {"case_study": "case", "study": "study", "question": "question"}
STATES = ("draft", "submitted", "returned", "published")


def upgrade() -> None:
    tables = sa.MetaData()
    tables.reflect(op.get_bind(), only=[*COLUMNS, "revision", "change", "change_counter"])
    _normalise_revisions(tables.tables["revision"])
    changed = {
        thing for name in COLUMNS for thing in _normalise_rows(tables.tables[name], COLUMNS[name])
    }
    _record(tables, sorted(changed))


def downgrade() -> None:
    """The texts stay: they are right for the earlier release too."""


def _normalise_rows(table: sa.Table, columns: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Normalise these columns; the things that now read otherwise: their tables and ids."""
    connection = op.get_bind()
    keys = list(table.primary_key)
    for row in connection.execute(sa.select(table)).mappings().all():
        wanted = {name: row[name] for name in columns}
        normal = _normal(wanted)
        if normal == wanted:
            continue
        this = sa.and_(*(key == row[key.name] for key in keys))
        connection.execute(sa.update(table).where(this).values(normal))
        if table.name not in OWNED:
            yield table.name, row["id"]
        elif row["case_id"] is not None:
            yield "case_study", row["case_id"]
        else:
            yield "study", row["study_id"]


def _normalise_revisions(table: sa.Table) -> None:
    """Drafts and public texts; what was public earlier stays as it was."""
    connection = op.get_bind()
    asked = sa.select(table.c.id, table.c.document).where(table.c.state.in_(STATES))
    for number, document in connection.execute(asked).all():
        normal = _normal(document)
        if normal != document:
            this = sa.update(table).where(table.c.id == number)
            connection.execute(this.values(document=normal))


def _record(tables: sa.MetaData, changed: list[tuple[str, int]]) -> None:
    """Number a change for each thing, so that the index and all that follow read it again."""
    connection, counter = op.get_bind(), tables.tables["change_counter"]
    for name, number in changed:
        table = tables.tables[name]
        slug = connection.scalar(sa.select(table.c.slug).where(table.c.id == number))
        connection.execute(sa.update(counter).values(last=counter.c.last + 1))
        change = {
            "number": connection.scalar(sa.select(counter.c.last)),
            "event": "updated",
            "kind": KINDS[name],
            "slug": slug,
            "changed_at": datetime.now(UTC),
            "mark": secrets.token_hex(8),
        }
        connection.execute(sa.insert(tables.tables["change"]).values(change))


def _normal(value: Any, key: str = "") -> Any:
    """The same with every text normalised; one of which nothing would be left stays as it is."""
    if isinstance(value, str) and key != "url":
        return normalise(value, one_line=key in LINES) or value
    if isinstance(value, list):
        return [_normal(each, key) for each in value]
    if isinstance(value, dict):
        return {name: _normal(each, name) for name, each in value.items()}
    return value
