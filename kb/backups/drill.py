"""A place to restore a backup in, beside the running system, that is gone afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kb.backups.backup import BackupFailed
from kb.kinds import KINDS
from kb.settings import Settings


@contextmanager
def throw_away(settings: Settings) -> Iterator[Settings]:
    """Settings of an empty folder and database of the same kind; both are removed at the end.

    On PostgreSQL it is a new database of the same server. Raises BackupFailed when that may not
    be made.
    """
    with TemporaryDirectory(prefix="kb-drill-") as name:
        folder = Path(name)
        aside = replace(settings, data_dir=folder, images_dir=None, mail_key_file=None)
        url = make_url(settings.database_url)
        if url.get_backend_name() == "sqlite":
            yield replace(aside, database_url="")
            return
        with _new_database(url) as made:
            yield replace(aside, database_url=made.render_as_string(hide_password=False))


@contextmanager
def _new_database(url: URL) -> Iterator[URL]:
    """An empty database beside this one. Raises BackupFailed."""
    name = f"kb_drill_{secrets.token_hex(8)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        try:
            with engine.connect() as connection:
                connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        except DBAPIError as error:
            raise BackupFailed(
                f"No database could be made to restore into: {str(error.orig).strip()}. The role "
                "needs CREATEDB."
            ) from error
        try:
            yield url.set(database=name)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    finally:
        engine.dispose()


def counts(session: Session) -> dict[str, int]:
    """How many things of each kind are public, by collection."""
    return {
        kind.collection: session.scalar(select(func.count()).select_from(kind.model())) or 0
        for kind in KINDS.values()
        if kind.model
    }
