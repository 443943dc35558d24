"""What happens on the connections of a database: how each is set up, limited and watched.

An execution option of a connection says what it is for: `kb_writes` whether its transactions
write, `kb_timeout` how long they wait for the lock of another writer, in seconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError

from kb import postgres_connection, sqlite_file
from kb.outage import CircuitBreaker, outage_reason


class Breakers:
    """A breaker for who reads and one for who writes: they wait for different things."""

    def __init__(self) -> None:
        self.reading = CircuitBreaker()
        self.writing = CircuitBreaker()

    def check(self, engine: Engine) -> None:
        """Refuse at once who would wait in vain. Listen before what opens connections does."""

        @event.listens_for(engine, "do_connect")
        def check_connect(*_: Any) -> None:
            self.reading.check()

        @event.listens_for(engine, "begin")
        def check_begin(connection: Any) -> None:
            writes = connection.get_execution_options().get("kb_writes")
            (self.writing if writes else self.reading).check()

    def watch(self, engine: Engine, optional_timeout: float) -> None:
        """Trip when one has waited in vain, and reset when the database does its work again.

        Transactions that wait no longer than `optional_timeout` give up too soon to tell.
        """

        @event.listens_for(engine, "connect")
        def connected(*_: Any) -> None:
            self.reading.reset()

        @event.listens_for(engine, "handle_error")
        def fail(context: Any) -> None:
            options = context.connection.get_execution_options() if context.connection else {}
            reason = outage_reason(context.original_exception)
            if reason not in {"away", "busy"} or options.get("kb_timeout") == optional_timeout:
                return
            is_slow_write = options.get("kb_writes") and reason == "busy"
            (self.writing if is_slow_write else self.reading).trip(reason)

        @event.listens_for(engine, "after_cursor_execute")
        def succeed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if self.reading.is_open and statement.startswith("SELECT"):
                self.reading.reset()

        @event.listens_for(engine, "commit")
        def commit(connection: Any) -> None:
            if connection.get_execution_options().get("kb_writes"):
                self.writing.reset()


def redact_errors(engine: Engine) -> None:
    """Keep texts and names of editors out of the messages of errors, which end up in logs.

    PostgreSQL tells the whole row that failed below the first line (`DETAIL: Failing row …`).
    """

    @event.listens_for(engine, "handle_error")
    def redact(context: Any) -> None:
        first = str(context.original_exception).partition("\n")[0]
        context.original_exception.args = (first,)
        if isinstance(context.sqlalchemy_exception, DBAPIError):
            kind = type(context.original_exception)
            context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {first}",)


def configure_sqlite(engine: Engine, timeout: float) -> None:
    """Foreign keys, a journal that lets readers go on, and writers that queue from their start.

    pysqlite begins a transaction only at the first INSERT, after which two writers that have
    read can no longer both go on; so transactions are begun here, writing ones at once. A file
    that was moved away, or replaced by another, is written and read no more.
    """
    file = sqlite_file.sqlite_path(engine.url)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, record: Any, _arguments: Any, options: Any) -> Any:
        identity = sqlite_file.identity(file)
        connection = sqlite_file.connect(file, **options)
        record.info["file"] = identity
        return connection

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        sqlite_file.use_write_ahead_log(connection, timeout)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased leaves no trace

    @event.listens_for(engine, "checkout")
    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("file") != sqlite_file.identity(file):
            raise DisconnectionError("another file stands under this name, or none")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        options = connection.get_execution_options()
        milliseconds = int(options.get("kb_timeout", timeout) * 1000)
        if connection.info.get("busy_timeout") != milliseconds:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
            connection.info["busy_timeout"] = milliseconds
        if options.get("kb_writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # it waits for nothing, so that SQLAlchemy need not watch what each request does
            connection.connection.cursor().execute("BEGIN")


def reopen_lost_files(engine: Engine) -> None:
    """Open SQLite's file anew after an error of it: it may have been copied back or exchanged.

    A connection that was open meanwhile looks at what is no longer there, and fails for ever.
    """

    @event.listens_for(engine, "handle_error")
    def fail(context: Any) -> None:
        if outage_reason(context.original_exception) == "away":
            context.is_disconnect = True  # closes every connection that waits in the pool


def configure_postgresql(engine: Engine, timeout: float | None) -> None:
    """Limits to how long one waits for the server, in seconds; None for long commands.

    A server that writes no more is left: after a failover the address leads to another one.
    """

    @event.listens_for(engine, "handle_error")
    def fail(context: Any) -> None:
        if outage_reason(context.original_exception) == "read-only":
            context.is_disconnect = True  # closes every connection that waits in the pool

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        return postgres_connection.connect(timeout, arguments, options)
