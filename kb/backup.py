"""Backup and restore: one file that holds everything but the index, which is made again.

SQLite copies itself with its own backup API, PostgreSQL with `pg_dump` and `pg_restore`; both
see one moment of the database while others write.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

TABLES = {"case_study", "revision", "change", "change_counter", "alembic_version"}  # always there


class BackupFailed(Exception):
    """The copy could not be made, or is not what it should be; the text says what to do."""


def backup(database_url: str, file: Path) -> None:
    """Write a copy of the database and check it. Raises BackupFailed; then there is no file."""
    if file.exists():
        raise BackupFailed(f"{file} exists already; name another file.")
    if not file.parent.is_dir():
        raise BackupFailed(f"There is no folder {file.parent}.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        if _is_sqlite(database_url):
            _copy_sqlite(_place(database_url), unfinished)
        else:
            _run("pg_dump", "--format=custom", f"--file={unfinished}", _address(database_url))
        check(database_url, unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)


def check(database_url: str, file: Path) -> None:
    """Read a backup to its end. Raises BackupFailed when it is damaged or of something else."""
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    if not _is_sqlite(database_url):
        listed = _run("pg_restore", "--file=-", str(file))
        if not all(f"CREATE TABLE public.{table} " in listed for table in TABLES):
            raise BackupFailed(f"{file} is no backup of this knowledge base.")
        return
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            found = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{file} cannot be read: {error}.") from error
    if verdict != "ok":
        raise BackupFailed(f"{file} is damaged: {verdict}.")
    if not found >= TABLES:
        raise BackupFailed(f"{file} is no backup of this knowledge base.")


def restore(database_url: str, file: Path) -> None:
    """Make the database what it was, all of it or nothing. Raises BackupFailed.

    The tables and the index must be brought to this release afterwards.
    """
    check(database_url, file)
    if _is_sqlite(database_url):
        place = _place(database_url)
        place.parent.mkdir(parents=True, exist_ok=True)
        _copy_sqlite(file, place)
    else:
        options = (
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
        )
        _run("pg_restore", *options, f"--dbname={_address(database_url)}", str(file))


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy one moment of a database into another, whose readers go on with the old one."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as old,
            closing(sqlite3.connect(target, timeout=30)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise BackupFailed(f"{source} could not be copied to {target}: {error}.") from error


def _is_sqlite(database_url: str) -> bool:
    return make_url(database_url).get_backend_name() == "sqlite"


def _place(database_url: str) -> Path:
    return Path(make_url(database_url).database or "")


def _address(database_url: str) -> str:
    """The database as PostgreSQL's own programs know it."""
    url = make_url(database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs and give what it said. Raises BackupFailed."""
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(f"{program} is not installed; it comes with PostgreSQL's client.")
    command = [found, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise BackupFailed(f"{program} failed: {ended.stderr.strip()[-500:]}")
    return ended.stdout
