"""The database: what tables derive from, and how to read and write in one piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import DateTime, Engine, MetaData, create_engine
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from kb import database_events, sqlite_file
from kb.outage import outage_reason

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


COMMAND_TIMEOUT_SECONDS = 30.0  # that a command waits for who else writes
REQUEST_TIMEOUT_SECONDS = 1.5  # that a request waits for the database, to be answered within two
FOLLOWER_TIMEOUT_SECONDS = 60.0  # that the threads beside requests wait for an answer
OPTIONAL_WRITE_TIMEOUT_SECONDS = 0.1  # for what is rather left unwritten than waited for
MAX_ATTEMPTS = 4  # at a transaction that others were in the way of
T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
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
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class StrongSession(Session):
    """A session that refers strongly to what it has read until it has let go of it.

    SQLAlchemy cleans up after an object that is collected as garbage; when Python 3.11 collects
    it in the middle of letting go of it, memory is freed twice, and the process dies.
    """

    def expunge_all(self) -> None:
        """Let go of everything; closing does so too."""
        rows = list(self.identity_map.values())
        super().expunge_all()
        rows.clear()


class Database:
    """One SQLite file or PostgreSQL database, read in snapshots and written in transactions."""

    def __init__(
        self,
        url: str,
        max_connections: int = 15,
        *,
        fail_fast: bool = False,
        answer_timeout: float | None = None,
    ) -> None:
        """`max_connections` are what all threads of a process together may have open.

        With `fail_fast`, for requests, nothing waits longer than REQUEST_TIMEOUT_SECONDS, and who
        comes after one that waited in vain is refused at once. Others wait `answer_timeout`
        seconds for each answer of PostgreSQL, or as long as it takes. The decision on a database
        that is away (docs/decisions/) has the reasons.
        """
        self.timeout = REQUEST_TIMEOUT_SECONDS if fail_fast else COMMAND_TIMEOUT_SECONDS
        self.engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=not url.startswith("sqlite"),
            pool_size=min(5, max_connections),
            max_overflow=max(0, max_connections - 5),
            pool_timeout=self.timeout,
        )
        breakers = database_events.Breakers() if fail_fast else None
        if breakers:
            breakers.check(self.engine)
        database_events.redact_errors(self.engine)
        if self.engine.dialect.name == "sqlite":
            database_events.configure_sqlite(self.engine, self.timeout)
            database_events.reopen_lost_files(self.engine)
            reading = self.engine
        else:
            limit = self.timeout if fail_fast else answer_timeout
            database_events.configure_postgresql(self.engine, limit)
            reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        if breakers:
            breakers.watch(self.engine, OPTIONAL_WRITE_TIMEOUT_SECONDS)
        self._reading = self._sessions(reading)
        self._writing, self._writing_optionally = (
            self._sessions(self.engine.execution_options(kb_writes=True, kb_timeout=seconds))
            for seconds in (self.timeout, OPTIONAL_WRITE_TIMEOUT_SECONDS)
        )

    @staticmethod
    def _sessions(engine: Engine) -> sessionmaker[StrongSession]:
        return sessionmaker(engine, class_=StrongSession, expire_on_commit=False)

    def create(self) -> None:
        """Make the file of a SQLite database when there is none; who only opens it never does."""
        if self.engine.dialect.name == "sqlite":
            sqlite_file.create(sqlite_file.sqlite_path(self.engine.url))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent snapshot; nothing is ever written."""
        session = self._reading()
        try:
            yield session
        finally:
            _close(session)

    @contextmanager
    def transaction(self, *, optional: bool = False) -> Iterator[Session]:
        """Write everything in the block, or nothing of it.

        With `optional` it fails rather than wait for another writer (SQLite).
        """
        with (self._writing_optionally if optional else self._writing).begin() as session:
            yield session

    def write(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction; again from the start when others were in its way.

        On PostgreSQL two who change the same things may have to wait for each other for ever,
        or one finds gone what it has just read; the second attempt sees what the other did.
        """
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                with self.transaction() as session:
                    return work(session)
            except (DBAPIError, StaleDataError) as error:
                if not _is_retryable(error):
                    raise
        with self.transaction() as session:
            return work(session)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _close(session: Session) -> None:
    """Close a session that only read; a connection that went after that harms nobody."""
    try:
        session.close()
    except DBAPIError as error:
        if outage_reason(error) is None:
            raise
        session.invalidate()


def _is_retryable(error: DBAPIError | StaleDataError) -> bool:
    """Whether another transaction made this one fail, so that it can be tried again."""
    if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
        return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
    return True


def without_password(url: str) -> str:
    """The address of a database as it may be shown to people."""
    return make_url(url).render_as_string(hide_password=True)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def format_utc(moment: datetime) -> str:
    """A moment in UTC, to the second, as `2026-11-25T09:30:00Z` (RFC 3339)."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
