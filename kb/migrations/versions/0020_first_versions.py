"""A first version of every public study and question: the text that its rows have.

Until now these had rows and no revisions. The author is the seed, so a release may replace them
until an editor has worked on them.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Row = Mapping[str, Any]
MOMENT = sa.DateTime(timezone=True)
AUTHOR = "seed"
WHEN_SET = ("searchTerms", "programme", "covers", "ingredients")  # keys that are saved with a value
STUDY_KEYS = {
    "id": "slug",
    **{key: key for key in ("title", "authors", "year", "publisher", "url")},
    **{"sourceType": "source_type", "summary": "summary"},
}
PITFALL_KEYS = {
    "id": "slug",
    **{key: key for key in ("title", "category", "phase", "description", "avoidance")},
    "searchTerms": "search_terms",
}
FINDING_KEYS = {
    "id": "slug",
    **{key: key for key in ("claim", "domain", "level", "direction", "evidence", "conditions")},
    **{"ingredients": "ingredients", "programme": "programme"},
}
TERMS = {"category", "phase", "domain", "level", "direction", "evidence", "sourceType", "theme"}
QUESTION_TERMS = {
    "strategies": "strategies",
    "ingredients": "ingredients",
    "pitfallCategories": "pitfall-categories",
    "effectDomains": "effect-domains",
}
JSON_COLUMNS = ("authors", "search_terms", "unverified", "ingredients")


def upgrade() -> None:
    connection = op.get_bind()
    for kind, texts in (("study", _studies(connection)), ("question", _questions(connection))):
        for document, revised_at in list(texts):
            _add(connection, kind, document, revised_at)


def downgrade() -> None:
    """Take away every text of a kind that had none; the rows stay."""
    op.execute(
        "DELETE FROM revision_step WHERE revision_id IN "
        "(SELECT id FROM revision WHERE kind IN ('study', 'question'))"
    )
    op.execute("DELETE FROM revision WHERE kind IN ('study', 'question')")


def _add(connection: sa.Connection, kind: str, document: Row, revised_at: Any) -> None:
    """Add a published revision with its events."""
    texts = sa.table(
        "revision",
        *map(sa.column, ("id", "kind", "slug", "state", "version", "author", "mark")),
        sa.column("document", sa.JSON()),
        sa.column("saved_at", MOMENT),
        sa.column("published_at", MOMENT),
    )
    events = sa.table(
        "revision_step", *map(sa.column, ("revision_id", "what", "who", "at", "mark"))
    )
    marks = [secrets.token_hex(10) for _ in range(2)]
    values = {"kind": kind, "slug": document["id"], "document": document, "author": AUTHOR}
    values |= {"state": "published", "version": 1, "mark": marks[1]}
    values |= {"saved_at": revised_at, "published_at": revised_at}
    number = connection.scalar(texts.insert().values(**values).returning(texts.c.id))
    for what, mark in zip(("saved", "published"), marks, strict=True):
        values = {"revision_id": number, "what": what, "who": AUTHOR, "at": revised_at}
        connection.execute(events.insert().values(**values, mark=mark))


def _studies(connection: sa.Connection) -> Iterator[tuple[dict[str, Any], Any]]:
    columns = (*STUDY_KEYS.values(), "id", "programme", "search_terms", "unverified")
    study = _table("study", *columns, "updated_at")
    cover = _table("study_cover", "review_id", "study_id", "position")
    for row in connection.execute(sa.select(study).order_by(study.c.slug)).mappings().all():
        covered = sa.select(study.c.slug).join(cover, cover.c.study_id == study.c.id)
        covered = covered.where(cover.c.review_id == row["id"]).order_by(cover.c.position)
        document = _document(row, STUDY_KEYS) | {
            "findings": list(_owned(connection, "finding", row["id"], FINDING_KEYS)),
            "pitfalls": list(_owned(connection, "pitfall", row["id"], PITFALL_KEYS)),
            "programme": row["programme"],
            "covers": list(connection.scalars(covered)),
            "searchTerms": row["search_terms"],
            "unverified": row["unverified"],
        }
        yield _saved(document), row["updated_at"]


def _owned(
    connection: sa.Connection, name: str, study_id: int, keys: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    table = _table(name, "study_id", "position", *keys.values())
    rows = sa.select(table).where(table.c.study_id == study_id).order_by(table.c.position)
    for row in connection.execute(rows).mappings().all():
        yield _saved(_document(row, keys))


def _questions(connection: sa.Connection) -> Iterator[tuple[dict[str, Any], Any]]:
    names = ("id", "slug", "position", "theme", "title", "answer", "search_terms", "updated_at")
    question, study = _table("question", *names), _table("study", "id", "slug")
    link = _table("question_study", "question_id", "study_id", "position")
    tag = _table("question_term", "question_id", "key", "position")
    ordered = sa.select(question).order_by(question.c.position)
    for row in connection.execute(ordered).mappings().all():
        linked = sa.select(study.c.slug).join(link, link.c.study_id == study.c.id)
        linked = linked.where(link.c.question_id == row["id"]).order_by(link.c.position)
        tags = sa.select(tag.c.key).where(tag.c.question_id == row["id"]).order_by(tag.c.position)
        keys = list(connection.scalars(tags))
        keys_of = {"id": "slug", "theme": "theme", "title": "title", "answer": "answer"}
        document = _document(row, keys_of) | {"studies": list(connection.scalars(linked))}
        for name, scheme in QUESTION_TERMS.items():
            document[name] = [_bare(each) for each in keys if each.startswith(f"{scheme}/")]
        words = row["search_terms"]
        yield document | ({"searchTerms": words} if words else {}), row["updated_at"]


def _table(name: str, *columns: str) -> sa.TableClause:
    def column(each: str) -> sa.ColumnClause[Any]:
        if each in JSON_COLUMNS:
            return sa.column(each, sa.JSON())
        return sa.column(each, MOMENT) if each == "updated_at" else sa.column(each)

    return sa.table(name, *map(column, dict.fromkeys(columns)))


def _document(row: Row, keys: Mapping[str, str]) -> dict[str, Any]:
    """The values of a row by the keys of JSON; terms by their bare ids."""
    return {
        key: _bare(row[column]) if key in TERMS else row[column] for key, column in keys.items()
    }


def _saved(document: dict[str, Any], keys: Iterable[str] = WHEN_SET) -> dict[str, Any]:
    """A document without keys that are saved only when they have a value."""
    return {key: value for key, value in document.items() if value or key not in keys}


def _bare(key: str | None) -> str | None:
    """The id of a term, from its key in the database."""
    return key.rpartition("/")[2] if key else None
