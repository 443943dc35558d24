"""A connection to PostgreSQL that waits no longer than it may, also for a server that is frozen.

Limits that the server keeps (`statement_timeout`, `lock_timeout`) do not end a wait for a process
that stands still, while its machine goes on answering TCP; so the client counts too.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg import errors

T = TypeVar("T")
LOCK_SHARE, STATEMENT_SHARE = 0.8, 0.9  # of the timeout, so that the server tells first
KEEPALIVE_OPTIONS = {  # for who waits long: a machine that has gone is noticed within a minute
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}


class TimedConnection(psycopg.Connection[Any]):
    """Gives up, and closes itself, when the server has been silent for `timeout_seconds`."""

    timeout_seconds = 1.5

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
        return _within(cls.timeout_seconds, super()._connect_gen(conninfo))


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
    connection = TimedConnection.connect(*arguments, **options)
    for name, share in (("lock_timeout", LOCK_SHARE), ("statement_timeout", STATEMENT_SHARE)):
        connection.execute(f"SET {name} = {int(share * timeout * 1000)}")  # milliseconds
    connection.commit()
    return connection
