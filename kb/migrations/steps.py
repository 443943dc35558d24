"""Bring a database to this release, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.orm import Session

import kb.cases.aliases
import kb.cases.changes
import kb.decisions.plan_checks.model
import kb.decisions.practice_notes.model
import kb.editors.batches.model
import kb.editors.link_checks.model
import kb.editors.model
import kb.editors.reviewing.model
import kb.editors.verifications.model
import kb.images.model
import kb.search.unmet.model
import kb.sharing.model
import kb.vocabulary.model  # noqa: F401  # every table must be known to Base
from kb.database import Base, Database
from kb.kinds import KINDS
from kb.vocabulary.model import TermId

for kind in KINDS.values():  # their models too
    if kind.model:
        kind.model()
METADATA = Base.metadata


class NewerDatabase(Exception):
    """The tables are of a release that came after this one; the text says so."""


def config(connection: Any = None) -> Config:
    """Alembic's settings, on an open connection."""
    settings = Config()
    settings.set_main_option("script_location", "kb:migrations")
    settings.attributes["connection"] = connection
    return settings


def versions() -> set[str]:
    """The versions of the tables that this release knows."""
    return {step.revision for step in ScriptDirectory.from_config(config()).walk_revisions()}


@cache
def newest() -> str:
    """The version that the tables have in this release."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None  # there is one line of steps, which ends
    return head


def version(connection: Connection) -> str | None:
    """The version of the tables in a database; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> None:
    """Take every step that was not taken yet; this alone makes the file of a SQLite database.

    Two processes at once: the second one waits. Raises NewerDatabase, and changes nothing.
    """
    database.create()
    with connected(database) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(736521)")
        present = version(connection)
        if present is not None and present not in versions():
            raise NewerDatabase(
                f"Its tables are of version {present}, and this release knows them up to "
                f"{newest()}: it is of a newer release. Run that, or restore a backup."
            )
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
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False
