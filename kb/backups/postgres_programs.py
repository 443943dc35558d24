"""PostgreSQL's own programs, as backups use them: no password in sight, no dump in memory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

COPY_CHUNK_BYTES = 2**16
CREATE_TABLE = re.compile(rb"CREATE TABLE public\.(\w+) \(")
VERSION_ROW_FOLLOWS = b"COPY public.alembic_version "
BEGIN_STATEMENTS = "SET lock_timeout = '30s';\nBEGIN;\n"


class ProgramFailed(Exception):
    """One of PostgreSQL's programs is not there or did not do its work; the text says why."""


def dump(url: URL, file: Path) -> None:
    """Write one snapshot of a database into a file that exists. Raises ProgramFailed."""
    with _address(url) as (address, environment):
        options = ("--format=custom", f"--file={file.absolute()}", f"--dbname={address}")
        command = [_program("pg_dump"), *options]
        with tempfile.TemporaryFile() as stderr:
            process = subprocess.run(  # noqa: S603
                command, env=environment, stdout=subprocess.DEVNULL, stderr=stderr, check=False
            )
            _check_exit(process.returncode, "pg_dump", stderr)


def content(file: Path) -> tuple[set[str], str | None]:
    """The tables in a dump and the version of them, read to its end. Raises ProgramFailed."""
    tables: set[str] = set()
    version, is_next = None, False
    with _statements(file) as lines:
        for line in lines:
            if is_next:
                version = line.decode().strip()
            elif match := CREATE_TABLE.match(line):
                tables.add(match[1].decode())
            is_next = line.startswith(VERSION_ROW_FOLLOWS)
    return tables, version


@contextmanager
def _statements(file: Path) -> Iterator[IO[bytes]]:
    """The statements that a dump consists of, as they come. Raises ProgramFailed at the end."""
    command = [_program("pg_restore"), "--no-owner", "--file=-", str(file.absolute())]
    with (
        tempfile.TemporaryFile() as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr) as reader,  # noqa: S603
    ):
        assert reader.stdout is not None
        yield reader.stdout
        _check_exit(reader.wait(), "pg_restore", stderr)


def restore(url: URL, file: Path, replaced: Iterable[str]) -> None:
    """Put the tables of a dump in the place of the `replaced` ones, all in one transaction.

    Raises ProgramFailed; then the database is what it was. The transaction is committed only
    when the dump was read to its end.
    """
    with _address(url) as (address, environment), tempfile.TemporaryFile() as stderr:
        options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-")
        command = [_program("psql"), *options, f"--dbname={address}"]
        with subprocess.Popen(  # noqa: S603
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        ) as writer:
            assert writer.stdin is not None
            try:
                _send(file, replaced, writer.stdin)
            except BrokenPipeError:
                pass  # it has ended, and tells why below
            finally:
                _close(writer.stdin)
            _check_exit(writer.wait(), "psql", stderr)


def _send(file: Path, replaced: Iterable[str], target: IO[bytes]) -> None:
    names = ", ".join(f'public."{name}"' for name in sorted({*replaced, "alembic_version"}))
    target.write(f"{BEGIN_STATEMENTS}DROP TABLE IF EXISTS {names} CASCADE;\n".encode())
    with _statements(file) as statements:
        shutil.copyfileobj(statements, target, COPY_CHUNK_BYTES)
    target.write(b"\nCOMMIT;\n")


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return


@contextmanager
def _address(url: URL) -> Iterator[tuple[str, dict[str, str]]]:
    """The database as PostgreSQL's programs know it, and an environment to run them in.

    Others on the machine see the arguments of a program, so the password is in a file that its
    owner alone may read, for as long as the block lasts.
    """
    _, options = url.get_dialect()().create_connect_args(url)
    password = options.pop("password", None)
    address = make_conninfo("", **options)
    if password is None:
        yield address, {**os.environ}
        return
    escaped = str(password).replace("\\", "\\\\").replace(":", "\\:")
    handle, name = tempfile.mkstemp(prefix="kb-pgpass-")  # 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"*:*:*:*:{escaped}\n")
        others = {each: value for each, value in os.environ.items() if each != "PGPASSWORD"}
        yield address, {**others, "PGPASSFILE": name}  # that variable would go before the file
    finally:
        Path(name).unlink(missing_ok=True)


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise ProgramFailed(f"{name} is not installed; it comes with PostgreSQL's client.")
    return path


def _check_exit(code: int, program: str, stderr: IO[bytes]) -> None:
    if code:
        stderr.seek(0)
        text = stderr.read().decode(errors="replace").strip()
        raise ProgramFailed(f"{program} failed: {text[-500:]}")
