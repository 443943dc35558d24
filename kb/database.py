"""The database: what tables derive from, and how to read and write in one piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from kb import postgres_connection, sqlite_file
from kb.outage import Breaker, reason_of

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


PATIENCE = 30.0  # seconds that a command waits for who else writes
PROMPT = 1.5  # seconds that a request waits for the database, to be answered within two
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

    def __init__(self, url: str, connections: int = 15, *, prompt: bool = False) -> None:
        """`connections` are what all threads of a process together may have open.

        With `prompt`, for requests, nothing waits longer than PROMPT: it fails instead.
        """
        self.patience = PROMPT if prompt else PATIENCE
        self.engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=not url.startswith("sqlite"),
            pool_size=min(5, connections),
            max_overflow=max(0, connections - 5),
            pool_timeout=self.patience,
        )
        reading_breaker, writing_breaker = Breaker(), Breaker()
        if prompt:
            _refuse_queues(self.engine, reading_breaker, writing_breaker)
        _hide_values(self.engine)
        if self.engine.dialect.name == "sqlite":
            _teach_sqlite(self.engine, self.patience)
            _let_go_of_lost_files(self.engine)
            reading = self.engine
        else:
            _teach_postgresql(self.engine, PROMPT if prompt else None)
            reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        if prompt:
            _note_outages(self.engine, reading_breaker, writing_breaker)
        self._reading = sessionmaker(reading, class_=HoldingSession, expire_on_commit=False)
        self._writing, self._hasty = (
            sessionmaker(
                self.engine.execution_options(kb_writes=True, kb_patience=seconds),
                class_=HoldingSession,
                expire_on_commit=False,
            )
            for seconds in (self.patience, HASTE)
        )

    def create(self) -> None:
        """Make the file of a SQLite database when there is none; who only opens it never does."""
        if self.engine.dialect.name == "sqlite":
            sqlite_file.create(place(self.engine.url))

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


def _hide_values(engine: Engine) -> None:
    """Keep texts and names of editors out of the messages of errors, which end up in logs.

    PostgreSQL tells the whole row that failed below the first line (`DETAIL: Failing row …`).
    """

    @event.listens_for(engine, "handle_error")
    def hide(context: Any) -> None:
        first = str(context.original_exception).partition("\n")[0]
        context.original_exception.args = (first,)
        if isinstance(context.sqlalchemy_exception, DBAPIError):
            kind = type(context.original_exception)
            context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {first}",)


def _teach_sqlite(engine: Engine, longest: float) -> None:
    """Foreign keys, a journal that lets readers go on, and writers that queue from their start.

    pysqlite begins a transaction only at the first INSERT, after which two writers that have
    read can no longer both go on; so transactions are begun here, writing ones at once. A file
    that was moved away, or replaced by another, is written and read no more.
    """
    file = place(engine.url)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, record: Any, _arguments: Any, options: Any) -> Any:
        known = sqlite_file.identity(file)
        connection = sqlite_file.connect(file, **options)
        record.info["file"] = known
        return connection

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        sqlite_file.write_ahead(connection, longest)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased leaves no trace

    @event.listens_for(engine, "checkout")
    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("file") != sqlite_file.identity(file):
            raise DisconnectionError("another file stands under this name, or none")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        writes, patience = options.get("kb_writes"), options.get("kb_patience", longest)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _teach_postgresql(engine: Engine, limit: float | None) -> None:
    """Limits to how long one waits for the server, in seconds; none for long commands."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        return postgres_connection.connect(limit, arguments, options)


def _refuse_queues(engine: Engine, reading: Breaker, writing: Breaker) -> None:
    """Let not every thread wait in vain one after another: after the first they fail at once.

    Who reads and who writes wait for different things, so each has a breaker.
    """

    @event.listens_for(engine, "do_connect")
    def check_connect(*_: Any) -> None:
        reading.check()

    @event.listens_for(engine, "begin")
    def check_begin(connection: Any) -> None:
        (writing if connection.get_execution_options().get("kb_writes") else reading).check()


def _let_go_of_lost_files(engine: Engine) -> None:
    """Open SQLite's file anew after an error of it: it may have been copied back or exchanged.

    A connection that was open meanwhile looks at what is no longer there, and fails for ever.
    """

    @event.listens_for(engine, "handle_error")
    def fail(context: Any) -> None:
        if reason_of(context.original_exception) == "away":
            context.is_disconnect = True  # closes every connection that waits in the pool


def _note_outages(engine: Engine, reading: Breaker, writing: Breaker) -> None:
    """Tell the breakers who waited in vain, and when the database does its work again."""

    @event.listens_for(engine, "connect")
    def connected(*_: Any) -> None:
        reading.reset()

    @event.listens_for(engine, "handle_error")
    def fail(context: Any) -> None:
        options = context.connection.get_execution_options() if context.connection else {}
        reason = reason_of(context.original_exception)
        if reason not in {"away", "busy"} or options.get("kb_patience") == HASTE:
            return
        is_slow_write = options.get("kb_writes") and reason == "busy"
        (writing if is_slow_write else reading).trip(reason)

    @event.listens_for(engine, "after_cursor_execute")
    def succeed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if reading.is_open and statement.startswith("SELECT"):
            reading.reset()

    @event.listens_for(engine, "commit")
    def commit(connection: Any) -> None:
        if connection.get_execution_options().get("kb_writes"):
            writing.reset()


def place(url: URL) -> Path:
    """The file of a SQLite database."""
    return Path(url.database or "")


def without_password(url: str) -> str:
    """The address of a database as it may be shown to people."""
    return make_url(url).render_as_string(hide_password=True)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def format_utc(moment: datetime) -> str:
    """A moment in UTC, to the second, as `2026-11-25T09:30:00Z` (RFC 3339)."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
