"""Bring a database to this release, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.orm import Session

import kb.cases.aliases
import kb.cases.changes
import kb.cases.model
import kb.editors.model
import kb.sharing.model
import kb.vocabulary.model  # noqa: F401  # every table must be known to Base
from kb.database import Base, Database
from kb.vocabulary.model import TermId

METADATA = Base.metadata


def config(connection: Any) -> Config:
    """Alembic's settings, on an open connection."""
    settings = Config()
    settings.set_main_option("script_location", "kb:migrations")
    settings.attributes["connection"] = connection
    return settings


def upgrade(database: Database) -> None:
    """Take every step that was not taken yet. Two processes at once: the second one waits."""
    with connected(database) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(736521)")
        command.upgrade(config(connection), "head")


@contextmanager
def connected(database: Database) -> Iterator[Connection]:
    """A transaction in which tables may change.

    SQLite changes a table by making it anew and dropping the old one; with foreign keys on, that
    would delete everything that refers to its rows. They are looked at once, at the end.
    """
    with database.engine.execution_options(kb_writes=True).connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys = OFF")  # before the transaction; inside it does nothing
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"Rows refer to what is not there: {broken[:10]}")
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


def is_current(session: Session) -> bool:
    """Whether every step of this release was taken in the database, and none of a newer one."""
    taken = MigrationContext.configure(session.connection()).get_current_heads()
    return taken == _newest_steps()


@cache
def _newest_steps() -> tuple[str, ...]:
    return tuple(ScriptDirectory.from_config(config(None)).get_heads())


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database."""
    if kind == "type" and isinstance(item, TermId):
        return "sa.String(120)"
    if kind == "type" and type(item).__name__ == "Moment":
        return "sa.DateTime(timezone=True)"
    return False
