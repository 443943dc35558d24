"""Servers of PostgreSQL that can be stopped, killed, copied from and promoted."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from tests import postgres
from tests.conftest import need, until


class Server(NamedTuple):
    """One server with a data folder and a port of its own."""

    home: Path
    port: int

    @property
    def place(self) -> Path:
        """Its data folder."""
        return self.home / "cluster"

    @property
    def address(self) -> str:
        """As psycopg takes it."""
        return f"host=127.0.0.1 port={self.port} user=kb dbname=postgres"

    @property
    def url(self) -> str:
        """As SQLAlchemy takes it."""
        return f"postgresql+psycopg://kb@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs as the owner of the server."""
        folder = postgres.binaries()
        assert folder is not None
        owner = self.home.owner() if os.geteuid() == 0 else None
        command: list[str | Path] = [folder / program, *arguments]
        run: dict[str, Any] = {"user": owner, "cwd": self.home, "stdout": subprocess.DEVNULL}
        subprocess.run(command, check=True, **run)

    def start(self) -> None:
        """Start, or start again."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += f" -c unix_socket_directories={self.home}"
        self.run("pg_ctl", "-D", self.place, "-w", "-l", self.home / "log", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; whoever is connected loses the connection."""
        if (self.place / "postmaster.pid").exists():
            self.run("pg_ctl", "-D", self.place, "-w", "-m", mode, "stop")

    def kill(self) -> None:
        """End all its processes as a loss of power does."""
        main = int((self.place / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for process in (main, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{main}").exists())
        (self.place / "postmaster.pid").unlink()

    def query(self, command: str) -> Any:
        """The first value that a command answers with, outside transactions."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(command)
            return cursor.fetchone()[0] if cursor.description else None

    def set(self, **settings: str) -> None:
        """Change settings of the running server."""
        for name, value in settings.items():
            self.query(f"ALTER SYSTEM SET {name} = '{value}'")
        self.query("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Make a standby the primary."""
        self.query("SELECT pg_promote()")


class Pair(NamedTuple):
    """A primary, and the standby that streams from it."""

    primary: Server
    standby: Server

    @property
    def url(self) -> str:
        """Whichever of both takes writes."""
        hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in self)
        return f"postgresql+psycopg://kb@/postgres?{hosts}&target_session_attrs=read-write"

    def level(self) -> bool:
        """Whether the standby has replayed all that the primary has written."""
        written = self.primary.query("SELECT pg_current_wal_lsn()")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        return bool(self.standby.query(replayed))


@contextmanager
def primary_and_standby(*, synchronous: bool = False) -> Iterator[Pair]:
    """Two servers of our own; with `synchronous` a commit waits for the standby."""
    need("postgresql", postgres.binaries() is not None, "apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="kb-replication-"))  # where their own user may come too
    home.chmod(0o755)
    pair = Pair(*(_new_server(home / name) for name in ("primary", "standby")))
    try:
        pair.primary.run(
            "initdb", "-D", pair.primary.place, "-U", "kb", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        pair.primary.start()
        copy: tuple[str | Path, ...] = ("-D", pair.standby.place, "-R", "-c", "fast", "--no-sync")
        pair.standby.run("pg_basebackup", "-d", pair.primary.address, *copy)
        pair.standby.start()
        if synchronous:
            pair.primary.set(synchronous_standby_names="*")
        yield pair
    finally:
        for server in pair:
            with suppress(subprocess.CalledProcessError):
                server.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


def _new_server(home: Path) -> Server:
    home.mkdir()
    if owner := postgres.owner():
        shutil.chown(home, owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Server(home, probe.getsockname()[1])
