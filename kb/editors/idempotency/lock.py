"""A lock per Idempotency-Key: nobody waits for it, and it ends with the process that holds it.

On PostgreSQL it is an advisory lock of a connection, which all nodes share; on SQLite a file lock
beside the database, on one machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from kb.database import Database
from kb.editors.idempotency.responses import KeyedRequest
from kb.problems import Conflict
from kb.translation import N_

RETRY_AFTER_SECONDS = 1
CONNECT_ARGS = {  # a node that lost its power is noticed within some 30 seconds
    "connect_timeout": 2,
    "options": "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}


class RequestInProgress(Conflict):
    """The same key is in use by a request that has not ended."""

    detail = N_("The same request is still at work; ask again in a while.")

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}


@contextmanager
def locked(database: Database, request: KeyedRequest) -> Iterator[None]:
    """Be the only request with this owner and key. Raises RequestInProgress at once."""
    digest = hashlib.sha256(f"{request.key}\n{request.owner}".encode()).digest()
    url = database.engine.url
    is_file = url.get_backend_name() == "sqlite"
    with _locked_file(url, digest.hex()[:32]) if is_file else _advisory_lock(url, digest):
        yield


@contextmanager
def _locked_file(url: URL, name: str) -> Iterator[None]:
    folder = Path(f"{url.database}-locks")
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = FileLock(folder / name, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RequestInProgress from None
    try:
        yield
    finally:
        (folder / name).unlink(
            missing_ok=True
        )  # who has it open finds it unlinked, and begins anew
        lock.release()


@contextmanager
def _advisory_lock(url: URL, digest: bytes) -> Iterator[None]:
    number = int.from_bytes(digest[:8], signed=True)
    with _engine(url).connect() as connection:
        taken = connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (number,))
        if not taken.scalar():
            raise RequestInProgress
        try:
            yield
        finally:  # at once: a closed connection frees it only when the server notices
            with suppress(DBAPIError):  # the connection went, and the lock with it
                connection.exec_driver_sql("SELECT pg_advisory_unlock(%s)", (number,))


@lru_cache(maxsize=8)
def _engine(url: URL) -> Engine:
    """Connections beside the pool, so that requests with a lock never wait for each other."""
    return create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=CONNECT_ARGS
    )
