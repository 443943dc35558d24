"""A connection to PostgreSQL that waits no longer than it may, also for a server that is frozen.

Limits that the server keeps (`statement_timeout`, `lock_timeout`) do not end a wait for a process
that stands still, while its machine goes on answering TCP; so the client counts too. An address may
name several servers (`host=a&host=b&target_session_attrs=read-write`): they are tried in turn.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from functools import cache
from typing import Any, TypeVar

import psycopg
from psycopg import errors

T = TypeVar("T")
LOCK_SHARE, STATEMENT_SHARE = 0.8, 0.9  # of the timeout, so that the server tells first
KEEPALIVE_OPTIONS = {  # for who waits long: a machine that has gone is noticed within 20 seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,  # milliseconds
    "connect_timeout": 5,  # of each server, before the next one is tried
}


class TimedConnection(psycopg.Connection[Any]):
    """Gives up, and closes itself, when the server has been silent for `timeout_seconds`."""

    timeout_seconds: float
    connect_seconds: float  # the same of each server that the address names

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises OperationalError."""
        try:
            return super().wait(gen, interval, self.timeout_seconds if timeout is None else timeout)
        except errors._WaitTimeout as error:
            self.close()
            raise psycopg.OperationalError("the server does not answer in time") from error

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Any:
        """Connecting may take as long; `connect_timeout` counts in whole seconds from 2."""
        return _within(cls.connect_seconds, super()._connect_gen(conninfo))


@cache
def _connection_class(timeout: float, servers: int) -> type[TimedConnection]:
    """Connections with this timeout; of several servers each gets a share of it."""
    limits = {"timeout_seconds": timeout, "connect_seconds": timeout / servers}
    return type("TimedConnection", (TimedConnection,), limits)


def _within(seconds: float, waiting: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
    """Go on with what waits for a socket, until its time is over."""
    deadline = time.monotonic() + seconds
    try:
        request = next(waiting)
        while True:
            ready = yield request
            if time.monotonic() > deadline:
                raise psycopg.OperationalError("the server cannot be reached in time")
            request = waiting.send(ready)
    except StopIteration as ended:
        value: T = ended.value
        return value


def connect(timeout: float | None, arguments: Any, options: dict[str, Any]) -> Any:
    """Connect as SQLAlchemy would, with a timeout in seconds of every wait, or with none."""
    if timeout is None:
        return psycopg.connect(*arguments, **{**KEEPALIVE_OPTIONS, **options})
    servers = str(options.get("host", "")).count(",") + 1
    connection = _connection_class(timeout, servers).connect(*arguments, **options)
    for name, share in (("lock_timeout", LOCK_SHARE), ("statement_timeout", STATEMENT_SHARE)):
        connection.execute(f"SET {name} = {int(share * timeout * 1000)}")  # milliseconds
    connection.commit()
    return connection
