"""The file of a SQLite database: opened by its exact name, never made by who only opens it."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.engine import URL

OWNER_ONLY = 0o600  # drafts and hashes of tokens are in it


class FileIdentity(NamedTuple):
    """Which file stands under a name, and whether nobody can change it, as on a read-only disk.

    Another file that takes its place has another identity, and needs another connection.
    """

    device: int
    inode: int
    is_unchangeable: bool


def sqlite_path(url: URL) -> Path:
    """The file of a SQLite database."""
    return Path(url.database or "")


def uri(file: Path, **parameters: str | int) -> str:
    """The address of a file as SQLite reads it; `#`, `?` and `%` belong to the name."""
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"{file.absolute().as_uri()}?{query}"


def create(file: Path) -> None:
    """Make an empty file that its owner alone may read; one that is there stays as it is."""
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, OWNER_ONLY))


def identity(file: Path) -> FileIdentity | None:
    """The identity of the file under this name; None when there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return FileIdentity(status.st_dev, status.st_ino, _is_unchangeable(file))


def connect(file: Path, **options: Any) -> sqlite3.Connection:
    """Open a database that exists, to write too where that is allowed. Raises OperationalError.

    On a disk that became read-only, SQLite can read a file without its journal only when it is
    told that nobody can change it.
    """
    frozen = {"mode": "ro", "immutable": 1} if _is_unchangeable(file) else {"mode": "rw"}
    connection: sqlite3.Connection = sqlite3.connect(uri(file, **frozen), uri=True, **options)
    return connection


def _is_unchangeable(file: Path) -> bool:
    try:
        if not os.statvfs(file).f_flag & os.ST_RDONLY:
            return False
        journal = file.with_name(f"{file.name}-wal")
        return not journal.exists() or not journal.stat().st_size
    except OSError:
        return False


def use_write_ahead_log(connection: sqlite3.Connection, timeout: float) -> None:
    """Keep SQLite's journal beside the file, where readers go on while one writes.

    The file remembers it. On a new file it is set once; SQLite does not wait for who else does
    that at the same moment, so we do, for `timeout` seconds.
    """
    connection.execute("PRAGMA busy_timeout = 20")
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
                return  # it is read in the mode that it has
            is_busy = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
            if not is_busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
