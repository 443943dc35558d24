"""Backup and restore: one file that holds everything but the index, which is made again.

SQLite copies itself with its own backup API, PostgreSQL with the programs of its client (see
`kb.backups.postgres_programs`); both see one snapshot of the database while others write.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from kb import sqlite_file
from kb.backups import postgres_programs
from kb.backups.postgres_programs import ProgramFailed
from kb.database import Database
from kb.migrations import steps
from kb.sqlite_file import sqlite_path

REQUIRED_TABLES = {"case_study", "revision", "change", "change_counter", "alembic_version"}
LOCK_TIMEOUT_SECONDS = 60.0  # that a copy waits for who is writing
DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class BackupFailed(Exception):
    """The copy could not be made, or is not what it should be; the text says what to do."""


def backup(database_url: str, file: Path) -> None:
    """Write a copy of the database and check it. Raises BackupFailed; then there is no file.

    From its first byte on it can be read by its owner alone: drafts are in it.
    """
    url = make_url(database_url)
    if file.exists():
        raise BackupFailed(f"{file} exists already; name another file.")
    if not file.parent.is_dir():
        raise BackupFailed(f"There is no folder {file.parent}.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        _make_empty(unfinished)
        if _is_sqlite(url):
            _copy_sqlite(sqlite_path(url), unfinished)
        else:
            postgres_programs.dump(url, unfinished)
        check(database_url, unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(file)
    except (OSError, ProgramFailed) as error:
        raise BackupFailed(f"{file} could not be written: {error}") from error
    finally:
        _remove(unfinished)


def check(database_url: str, file: Path) -> None:
    """Read a backup to its end. Raises BackupFailed when it cannot be restored by this release."""
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    if _is_sqlite(make_url(database_url)):
        tables, version = _content_of_sqlite(file)
    else:
        try:
            tables, version = postgres_programs.content(file)
        except (OSError, ProgramFailed) as error:
            raise BackupFailed(f"{file} cannot be read: {error}") from error
    if not tables >= REQUIRED_TABLES or version is None:
        raise BackupFailed(f"{file} is no backup of this knowledge base.")
    if version not in steps.versions():
        raise BackupFailed(
            f"{file} is of a newer release (its tables are of version {version}, this release "
            f"knows them up to {steps.newest()}); restore it with that release."
        )


def restore(database_url: str, file: Path) -> None:
    """Make the database what it was, with the tables of this release, or leave it as it is.

    Running servers go on, and read what was restored. The index must be made anew afterwards.
    Raises BackupFailed; then everything is as it was before.
    """
    check(database_url, file)
    url = make_url(database_url)
    try:
        if _is_sqlite(url):
            _restore_sqlite(file, sqlite_path(url))
        else:
            _restore_postgresql(file, url)
    except OSError as error:
        raise BackupFailed(f"{file} could not be restored: {error}") from error


def _restore_sqlite(file: Path, target: Path) -> None:
    """Restore beside the database, bring that to this release, and only then take its place."""
    if target.exists() and target.samefile(file):
        raise BackupFailed(f"{file} is the database itself; name a backup.")
    target.parent.mkdir(parents=True, exist_ok=True)
    restored = target.with_name(f"{target.name}.restoring")
    try:
        _make_empty(restored)
        _copy_sqlite(file, restored)
        _bring_to_this_release(URL.create("sqlite", database=str(restored)))
        _content_of_sqlite(restored)
        if target.exists():
            try:
                _copy_sqlite(restored, target)
                return
            except BackupFailed as failed:
                if not _is_damaged(failed.__cause__):
                    raise
        _set_aside(target)
        restored.rename(target)
    finally:
        _remove(restored)


def _is_damaged(error: BaseException | None) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in DAMAGE_CODES


def _set_aside(target: Path) -> None:
    """Give a damaged database, and a journal without one, another name: it may hold something."""
    timestamp = _timestamp()
    for suffix in ("-wal", "-shm", ""):
        file = target.with_name(f"{target.name}{suffix}")
        if file.exists():
            file.rename(target.with_name(f"{target.name}.damaged-{timestamp}{suffix}"))


def _timestamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}"


def _restore_postgresql(file: Path, url: URL) -> None:
    """Restore in one transaction; should the upgrade fail then, the former database comes back."""
    former = file.with_name(f"{file.name}.former-{_timestamp()}")
    try:
        _make_empty(former)
        postgres_programs.dump(url, former)
        replaced = {*steps.METADATA.tables, *postgres_programs.content(file)[0]}
        postgres_programs.restore(url, file, replaced)
    except ProgramFailed as error:
        _remove(former)
        raise BackupFailed(f"{file} could not be restored: {error}") from error
    try:
        _bring_to_this_release(url)
    except BackupFailed as failed:
        try:
            postgres_programs.restore(url, former, replaced)
        except ProgramFailed as error:
            raise BackupFailed(
                f"{failed} The former database could not be brought back ({error}); it is whole "
                f"in {former}: restore that file."
            ) from error
        _remove(former)
        raise
    _remove(former)


def _bring_to_this_release(url: URL) -> None:
    database = Database(url.render_as_string(hide_password=False))
    try:
        steps.upgrade(database)
    except Exception as error:  # whatever it is, the former database must come back
        reason = getattr(error, "orig", error)
        raise BackupFailed(f"The backup cannot be brought to this release: {reason}.") from error
    finally:
        database.dispose()


def _content_of_sqlite(file: Path) -> tuple[set[str], str | None]:
    """The tables of a file and the version of them. Raises BackupFailed when it is damaged."""
    try:
        with closing(sqlite3.connect(sqlite_file.uri(file, mode="ro"), uri=True)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            orphan = copy.execute("PRAGMA foreign_key_check").fetchone()
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
            version = None
            if "alembic_version" in tables:
                version = copy.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupFailed(f"{file} cannot be read: {error}.") from error
    if verdict != "ok" or orphan:
        raise BackupFailed(f"{file} is damaged: {orphan[0] if orphan else verdict}.")
    return tables, version


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy one snapshot of a database into another, whole or not; its readers go on meanwhile."""
    try:
        with (
            closing(sqlite3.connect(sqlite_file.uri(source, mode="ro"), uri=True)) as old,
            closing(sqlite3.connect(sqlite_file.uri(target, mode="rw"), uri=True)) as new,
        ):
            old.backup(new, progress=_until(time.monotonic() + LOCK_TIMEOUT_SECONDS))
            new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (sqlite3.Error, TimeoutError) as error:
        raise BackupFailed(f"{source} could not be copied to {target}: {error}.") from error


def _until(deadline: float) -> Callable[[int, int, int], None]:
    """What ends a copy that waits too long: by itself it would wait for a lock for ever."""

    def progress(_status: int, _remaining: int, _total: int) -> None:
        if time.monotonic() > deadline:
            raise TimeoutError("another holds it locked")

    return progress


def _make_empty(file: Path) -> None:
    """Make a new file that its owner alone may read."""
    _remove(file)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, sqlite_file.OWNER_ONLY))


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
