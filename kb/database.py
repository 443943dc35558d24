"""The database: what tables derive from, and how to read and write in one piece."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from flask import current_app, g
from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


PATIENCE = 30  # seconds that one writer waits for another
HASTE = 0.1  # seconds, for who would rather not write than wait
T = TypeVar("T")
ATTEMPTS = 4  # at a transaction that others were in the way of


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: always with its time zone in Python, also where SQLite forgets it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


class Base(DeclarativeBase):
    """What every table derives from."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment()}


class HoldingSession(Session):
    """A session that holds what was read until it has let go of it.

    SQLAlchemy cleans up after an object that is collected as garbage; when Python 3.11 collects
    it in the middle of letting go of it, memory is freed twice, and the process dies.
    """

    def expunge_all(self) -> None:
        """Let go of everything; closing does so too."""
        held = list(self.identity_map.values())
        super().expunge_all()
        held.clear()


class Database:
    """One SQLite file or PostgreSQL database, read in snapshots and written in transactions."""

    def __init__(self, url: str, connections: int = 15) -> None:
        """`connections` are what all threads of a process together may have open."""
        self.engine = create_engine(
            url,
            pool_pre_ping=not url.startswith("sqlite"),
            pool_size=min(5, connections),
            max_overflow=max(0, connections - 5),
        )
        if self.engine.dialect.name == "sqlite":
            _teach_sqlite(self.engine)
            reading = self.engine
        else:
            reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._reading = sessionmaker(reading, class_=HoldingSession, expire_on_commit=False)
        self._writing, self._hasty = (
            sessionmaker(
                self.engine.execution_options(kb_writes=True, kb_patience=seconds),
                class_=HoldingSession,
                expire_on_commit=False,
            )
            for seconds in (PATIENCE, HASTE)
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent snapshot; nothing is ever written."""
        with self._reading() as session:
            yield session

    @contextmanager
    def transaction(self, *, patient: bool = True) -> Iterator[Session]:
        """Write everything in the block, or nothing of it."""
        with (self._writing if patient else self._hasty).begin() as session:
            yield session

    def write(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction; again from the start when others were in its way.

        On PostgreSQL two who change the same things may have to wait for each other for ever,
        or one finds gone what it has just read; the second attempt sees what the other did.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                with self.transaction() as session:
                    return work(session)
            except (DBAPIError, StaleDataError) as error:
                if not _in_the_way(error):
                    raise
        with self.transaction() as session:
            return work(session)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _in_the_way(error: DBAPIError | StaleDataError) -> bool:
    """Whether another transaction made this one fail, so that it can be tried again."""
    if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
        return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
    return True


def _teach_sqlite(engine: Engine) -> None:
    """Foreign keys, a journal that lets readers go on, and writers that queue from their start.

    pysqlite begins a transaction only at the first INSERT, after which two writers that have
    read can no longer both go on; so transactions are begun here, writing ones at once.
    """

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")  # while it is prepared
        connection.execute("PRAGMA foreign_keys = ON")
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        writes, patience = options.get("kb_writes"), options.get("kb_patience", PATIENCE)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _write_ahead(connection: Any) -> None:
    """Keep SQLite's journal beside the file, where readers go on while one writes.

    The file remembers it. On a new file it is set once; SQLite does not wait for who else does
    that at the same moment, so we do.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def without_password(url: str) -> str:
    """The address of a database as it may be shown to people."""
    return make_url(url).render_as_string(hide_password=True)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def session() -> Session:
    """The one session in which this request reads; it closes with the request."""
    if "kb_session" not in g:
        database: Database = current_app.extensions["kb.database"]
        g.kb_reading = database.reading()
        g.kb_session = g.kb_reading.__enter__()
    opened: Session = g.kb_session
    return opened


def close_session(_error: BaseException | None = None) -> None:
    """End what `session()` began; the app calls it after every request."""
    reading = g.pop("kb_reading", None)
    g.pop("kb_session", None)
    if reading is not None:
        reading.__exit__(None, None, None)
